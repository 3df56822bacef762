package mail

import (
	"cmp"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode"
)

// The languages that Rollcall has letters in, as BCP 47 tags.
const (
	localeEnglish    = "en"
	localeChinese    = "zh-CN"
	localeFrench     = "fr"
	localeIndonesian = "id"
)

// locales lists the languages in the order in which people are told of them.
var locales = []string{localeEnglish, localeChinese, localeFrench, localeIndonesian}

// Content is what a letter says. Templates name its fields.
//
// Formatted, logged or marshalled it shows everything but the password. fmt
// cannot call methods on what is in an unexported field, so a struct that holds
// a Content in one and is itself formatted needs a String method of its own.
type Content struct {
	// ContactCenter is the display name of the contact centre.
	ContactCenter string
	// LoginURL is where the member logs in. It goes into the letter unchanged.
	LoginURL string
	// Name is the member's full name. Empty, or without a visible character:
	// Email takes its place.
	Name string
	// Nickname is the name that customers see. Empty: Name takes its place.
	Nickname string
	// Email is the recipient: a bare address without a display name.
	Email string
	// Username is what the member types at login, today the same as Email. It
	// goes into the letter unchanged.
	Username string
	// Password goes into the bodies of the letter unchanged, and nowhere else.
	Password string `json:"-"`
	// Locale is the language: en, zh-CN, fr or id; en if it is another.
	Locale string
}

// String shows the content without the password.
func (c Content) String() string {
	return fmt.Sprintf("letter in %q for %q <%s> of %q", c.Locale, c.Name, c.Email, c.ContactCenter)
}

// Format writes String for every verb and flag, so that no verb that walks
// through fields by reflection can show the password.
func (c Content) Format(state fmt.State, _ rune) {
	// fmt gives a formatter no way to report a failed write.
	//nolint:errcheck // See above.
	_, _ = io.WriteString(state, c.String())
}

// LogValue is what log/slog shows: everything but the password.
func (c Content) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("contactCenter", c.ContactCenter),
		slog.String("name", c.Name),
		slog.String("email", c.Email),
		slog.String("locale", c.Locale),
	)
}

// MarshalLog is what logr shows: everything but the password.
func (c Content) MarshalLog() any {
	return c.String()
}

// clean makes what people typed fit to stand in a letter: one line each, and
// never empty where a letter counts on it. What the member has to type in again
// at login stays byte for byte as it is.
func (c Content) clean() Content {
	c.Locale = knownLocale(c.Locale)
	c.ContactCenter = oneLine(c.ContactCenter)
	c.Name = cmp.Or(oneLine(c.Name), c.Email)
	c.Nickname = cmp.Or(oneLine(c.Nickname), c.Name)
	return c
}

// knownLocale is the locale itself if Rollcall has letters in it, else en.
func knownLocale(locale string) string {
	if slices.Contains(locales, locale) {
		return locale
	}
	return localeEnglish
}

// oneLine makes plain text of one line: every run of white space and control
// characters, line separators included, becomes one space; characters that
// change the direction of what follows, or that only a text processor should
// see, are dropped; bytes that are not UTF-8 become U+FFFD.
func oneLine(text string) string {
	var line strings.Builder
	gap := false
	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			gap = true
		case isInvisibleControl(r):
		default:
			if gap && line.Len() > 0 {
				line.WriteByte(' ')
			}
			gap = false
			line.WriteRune(r)
		}
	}
	return line.String()
}

// isInvisibleControl reports characters of category Cf that could make a line
// read as something else than it is: embeddings, overrides and isolates
// (UAX #9), direction marks, byte order marks and interlinear annotations.
// Joiners stay: names in many scripts, and emoji, need them.
func isInvisibleControl(r rune) bool {
	switch {
	case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
		return true
	case r == '\u200E', r == '\u200F', r == '\u061C', r == '\uFEFF':
		return true
	default:
		return r >= '\uFFF9' && r <= '\uFFFB'
	}
}

// clip shortens text to a number of characters, the last of them then an ellipsis.
func clip(text string, characters int) string {
	runes := []rune(text)
	if len(runes) <= characters {
		return text
	}
	return string(runes[:characters-1]) + "…"
}
