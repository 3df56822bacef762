package mail

import (
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

const (
	// maxSubjectCharacters and maxNameCharacters keep header lines, which
	// cannot be folded inside a word, under the 998 bytes of RFC 5322, section
	// 2.1.1, whatever an own template or a name brings.
	maxSubjectCharacters = 200
	maxNameCharacters    = 128
)

var errMessageID = errors.New("the Message-ID must be like left@right, in ASCII and without < or >")

// Envelope is what stands on the outside of a letter.
type Envelope struct {
	// From is the sender: one address of RFC 5322, section 3.4, with or without
	// a display name.
	From string
	// ReplyTo is where answers go, as From. Empty: to From.
	ReplyTo string
	// MessageID is the Message-ID of RFC 5322, section 3.6.4, without < and >.
	MessageID string
	// Date is when the letter was written.
	Date time.Time
}

// Message puts a letter into one MIME message: the plain text and the HTML page
// as alternatives of each other (RFC 2046, section 5.1.4), marked as generated
// by a machine (RFC 3834) so that no vacation notice answers it.
//
// It fails on an address or Message-ID that no header can hold, and with a
// *TemplateError if an own template fails on just this content. No error has
// the password in it.
func (t *Templates) Message(envelope Envelope, content Content) (*gomail.Msg, error) {
	message, err := envelope.message(content)
	if err != nil {
		return nil, err
	}
	content = content.clean()
	parts := t.letters[content.Locale]

	withoutPassword := content
	withoutPassword.Password = ""
	subject, err := parts[partSubject].render(withoutPassword)
	if err != nil {
		return nil, err
	}
	text, err := parts[partText].render(content)
	if err != nil {
		return nil, err
	}
	page, err := parts[partHTML].render(content)
	if err != nil {
		return nil, err
	}

	message.Subject(headerText(subject, maxSubjectCharacters))
	message.SetGenHeader(gomail.HeaderContentLang, content.Locale)
	message.SetBodyString(gomail.TypeTextPlain, text)
	message.AddAlternativeString(gomail.TypeTextHTML, page)
	return message, nil
}

// message makes an empty message with every header that needs no template.
func (e Envelope) message(content Content) (*gomail.Msg, error) {
	from, err := parseAddress(e.From)
	if err != nil {
		return nil, fmt.Errorf("from: %w", err)
	}
	to, err := parseAddress(content.Email)
	if err != nil {
		return nil, fmt.Errorf("email: %w", err)
	}
	if to.Address != content.Email {
		return nil, fmt.Errorf("email: %w", &addressError{content.Email, "must be an address alone, such as ana@example.com"})
	}
	if !isMessageID(e.MessageID) {
		return nil, errMessageID
	}
	to.Name = displayName(content.clean().Name)
	if to.Name == to.Address {
		to.Name = ""
	}

	// The library's own User-Agent would tell the world what to attack.
	message := gomail.NewMsg(
		gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP),
		gomail.WithNoDefaultUserAgent(),
	)
	message.FromMailAddress(from)
	message.ToMailAddress(to)
	if e.ReplyTo != "" {
		replyTo, err := parseAddress(e.ReplyTo)
		if err != nil {
			return nil, fmt.Errorf("replyTo: %w", err)
		}
		message.ReplyToMailAddress(replyTo)
	}
	message.SetMessageIDWithValue(e.MessageID)
	message.SetDateWithValue(e.Date)
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	return message, nil
}

// headerText makes text fit for a header: one line of a bounded length, in
// which nothing reads as an encoded word (RFC 2047), as that would let a name
// bring characters past every check above.
func headerText(text string, characters int) string {
	return clip(strings.ReplaceAll(oneLine(text), "=?", "= ?"), characters)
}

// displayName makes text fit to stand before an address. A backslash becomes its
// full-width twin: net/mail writes it into encoded words bare, where RFC 2047,
// section 5, does not allow it, and then cannot read its own header.
func displayName(text string) string {
	return headerText(strings.ReplaceAll(text, `\`, "＼"), maxNameCharacters)
}

// isMessageID reports whether id can stand between < and > of a header.
func isMessageID(id string) bool {
	left, right, found := strings.Cut(id, "@")
	if !found || left == "" || right == "" || len(id) > 900 {
		return false
	}
	return !strings.ContainsFunc(id, func(r rune) bool {
		return r <= ' ' || r > '~' || r == '<' || r == '>'
	})
}
