package smtptest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Message is an e-mail as the server accepted it.
type Message struct {
	// From and To are the envelope's addresses.
	From string
	To   []string
	// Raw is the message, header and body, as received.
	Raw []byte
	// At is when it was accepted.
	At time.Time
	// Username is the authenticated user; empty without AUTH.
	Username string
	// Encrypted reports whether it came over TLS.
	Encrypted bool
}

// Header returns the header field of that name, decoded (RFC 2047); empty if the
// message has none.
func (m Message) Header(name string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	raw := parsed.Header.Get(name)
	decoded, err := new(mime.WordDecoder).DecodeHeader(raw)
	if err != nil {
		return raw
	}
	return decoded
}

// MessageID returns the Message-ID, without its angle brackets.
func (m Message) MessageID() string {
	return strings.Trim(m.Header("Message-ID"), "<> ")
}

// Text returns the first text/plain part, decoded, with \n as line end; empty if
// there is none.
func (m Message) Text() string { return m.part("text/plain") }

// HTML returns the first text/html part, decoded; empty if there is none.
func (m Message) HTML() string { return m.part("text/html") }

func (m Message) part(mediaType string) string {
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return ""
	}
	body := findPart(mediaType, parsed.Header.Get, parsed.Body)
	return strings.ReplaceAll(body, "\r\n", "\n")
}

// findPart returns the first part of a media type, depth first.
func findPart(want string, header func(string) string, body io.Reader) string {
	got, parameters, err := mime.ParseMediaType(header("Content-Type"))
	if err != nil {
		got = "text/plain" // RFC 2045, section 5.2
	}
	if got == want {
		return decodeBody(header("Content-Transfer-Encoding"), body)
	}
	if !strings.HasPrefix(got, "multipart/") {
		return ""
	}
	parts := multipart.NewReader(body, parameters["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return ""
		}
		if found := findPart(want, part.Header.Get, part); found != "" {
			return found
		}
	}
}

func decodeBody(encoding string, body io.Reader) string {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return ""
	}
	return string(text)
}

// Contains reports whether the text part or the HTML part contains s.
func (m Message) Contains(s string) bool {
	return strings.Contains(m.Text(), s) || strings.Contains(m.HTML(), s)
}

// A password is alone on its line, or ends a line after a label.
var (
	passwordAlone   = regexp.MustCompile(`(?m)^[ \t]*([!-~]{12,64})[ \t]*$`)
	passwordLabeled = regexp.MustCompile(`(?m)^[^\n]*?(?::[ \t]+|：[ \t]*)([!-~]{12,64})[ \t]*$`)
)

// ExtractPassword returns the password in the text part: 12 to 64 characters
// without a space, with an uppercase letter, a lowercase letter, and a digit, that
// are neither an address of the message nor a URL. Lines that have nothing else
// come first, then what follows a colon.
func (m Message) ExtractPassword() (password string, found bool) {
	text := m.Text()
	for _, pattern := range []*regexp.Regexp{passwordAlone, passwordLabeled} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			if m.couldBePassword(match[1]) {
				return match[1], true
			}
		}
	}
	return "", false
}

func (m Message) couldBePassword(s string) bool {
	return strings.ContainsFunc(s, unicode.IsUpper) && strings.ContainsFunc(s, unicode.IsLower) &&
		strings.ContainsFunc(s, unicode.IsDigit) && !strings.Contains(s, "://") &&
		!slices.ContainsFunc(m.To, func(to string) bool { return strings.EqualFold(to, s) })
}
