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

// namesShown is the most names that Names lists.
const namesShown = 10

// Names lists the first names, and how many more there are.
func Names(names []string) string {
	if len(names) <= namesShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesShown], ", "), len(names)-namesShown)
}

// Plural returns a number with what it counts.
func Plural(count int, one, several string) string {
	if count == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", count, several)
}

// Age returns how long ago something was, as kubectl writes it.
func Age(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}

// Times returns how often, in words.
func Times(n int32) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(int(n)) + " times"
}

// ShellQuote returns a word as a shell reads it (POSIX, section 2.2.2).
func ShellQuote(word string) string {
	plain := func(sign rune) bool {
		return sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z' || sign >= '0' && sign <= '9' || strings.ContainsRune("-_./@:=,+", sign)
	}
	if word != "" && strings.TrimLeftFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// OneLine makes untrusted text safe for a terminal. It escapes characters that move the cursor, end
// the line, or change the writing direction.
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

// isControl reports whether OneLine escapes a character.
func isControl(sign rune) bool {
	return unicode.In(sign, unicode.Cc, unicode.Zl, unicode.Zp) ||
		sign >= '\u202a' && sign <= '\u202e' || sign >= '\u2066' && sign <= '\u2069'
}
