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

// locales lists the languages of Rollcall's e-mails, as BCP 47 tags, in the order in
// which errors list them. The first one is the default.
var locales = []string{"en", "zh-CN", "fr", "id"}

// Content holds the facts of an e-mail. Templates name its fields.
//
// Formatted, logged, or marshaled, it shows everything except the password. fmt
// cannot call the methods of unexported fields, so a struct that holds a Content
// in an unexported field needs a String method of its own.
type Content struct {
	// ContactCenter is the display name of the contact center.
	ContactCenter string
	// LoginURL is where the member logs in. It is used unchanged.
	LoginURL string
	// Name is the member's full name. Email replaces it if it is empty or invisible.
	Name string
	// Nickname is the name that customers see. Name replaces it if it is empty.
	Nickname string
	// Email is the recipient: a bare address without a display name.
	Email string
	// Username is what the member types at login, today the same as Email. It is
	// used unchanged.
	Username string
	// Password appears in the bodies unchanged, and nowhere else.
	Password string `json:"-"`
	// Locale is the language: en, zh-CN, fr, or id. Any other value means en.
	Locale string
}

// String returns the content without the password.
func (c Content) String() string {
	return fmt.Sprintf("e-mail in %q for %q <%s> of %q", c.Locale, c.Name, c.Email, c.ContactCenter)
}

// Format writes String for every verb and flag, so that no verb that reads fields by
// reflection can show the password.
func (c Content) Format(state fmt.State, _ rune) {
	// fmt gives a formatter no way to report a failed write.
	//nolint:errcheck // See above.
	_, _ = io.WriteString(state, c.String())
}

// LogValue returns everything except the password, for log/slog.
func (c Content) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("contactCenter", c.ContactCenter),
		slog.String("name", c.Name),
		slog.String("email", c.Email),
		slog.String("locale", c.Locale),
	)
}

// MarshalLog returns everything except the password, for logr.
func (c Content) MarshalLog() any {
	return c.String()
}

// clean returns the content with every free text on one line, and none of them
// empty. What the member types at login stays byte for byte as it is.
func (c Content) clean() Content {
	if !slices.Contains(locales, c.Locale) {
		c.Locale = locales[0]
	}
	c.ContactCenter = oneLine(c.ContactCenter)
	c.Name = cmp.Or(oneLine(c.Name), c.Email)
	c.Nickname = cmp.Or(oneLine(c.Nickname), c.Name)
	return c
}

// oneLine returns text as one line. A run of white space and control characters,
// including line separators, becomes one space. Invisible control characters are
// dropped. Bytes that are not UTF-8 become U+FFFD.
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

// isInvisibleControl reports whether r is a character of category Cf that can make
// a line look different from what it is: embeddings, overrides, and isolates
// (UAX #9), direction marks, byte order marks, and interlinear annotations.
// Joiners are not: names in many scripts, and emoji, need them.
func isInvisibleControl(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || r == '\uFEFF' || r >= '\uFFF9' && r <= '\uFFFB'
}

// clip returns text cut to a number of characters; an ellipsis marks the cut.
func clip(text string, characters int) string {
	runes := []rune(text)
	if len(runes) <= characters {
		return text
	}
	return string(runes[:characters-1]) + "…"
}
