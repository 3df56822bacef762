// Package humanize writes counts, names, ages, and shell words for people.
package humanize

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"
)

// namesShown is how many names a question or a summary has at most.
const namesShown = 10

// Names are names for people: the first of them, and how many more.
func Names(names []string) string {
	if len(names) <= namesShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesShown], ", "), len(names)-namesShown)
}

// Plural is a number with what it counts.
func Plural(count int, one, several string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, several)
}

// Age is how long ago something was, as kubectl writes it.
func Age(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}

// Times is how often, in words.
func Times(n int32) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(int(n)) + " times"
}

// ShellQuote is a word as a shell takes it (POSIX, section 2.2.2).
func ShellQuote(word string) string {
	plain := func(sign rune) bool {
		return sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z' || sign >= '0' && sign <= '9' || strings.ContainsRune("-_./@:=,+", sign)
	}
	if word != "" && strings.TrimLeftFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// OneLine makes a text that a person wrote safe for a terminal: signs that
// move the cursor, end the line or turn the direction of writing are shown as
// escapes.
func OneLine(text string) string {
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var safe strings.Builder
	for _, sign := range text {
		if isControl(sign) {
			fmt.Fprintf(&safe, `\u%04x`, sign)
			continue
		}
		safe.WriteRune(sign)
	}
	return safe.String()
}

// isControl is whether a sign does something else than stand there.
func isControl(sign rune) bool {
	return unicode.In(sign, unicode.Cc, unicode.Zl, unicode.Zp) ||
		sign >= '\u202a' && sign <= '\u202e' || sign >= '\u2066' && sign <= '\u2069'
}
