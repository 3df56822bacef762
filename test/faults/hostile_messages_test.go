//go:build faults

package faults

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"slices"
	"strings"

	"golang.org/x/net/html"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

// parsedMessage is a message as a mail program understands it.
type parsedMessage struct {
	header mail.Header
	// headers are the names of the header's fields, as often as they are there.
	headers []string
	text    []string // by lines
	// skeleton is the page's elements with their attributes' names, links and code
	// what is in those.
	skeleton, links []string
	code            string
}

// parseMessage reads a message, more strictly than mail programs do.
func parseMessage(m smtptest.Message) (parsedMessage, error) {
	for line := range strings.SplitSeq(string(m.Raw), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r > '~' }) {
			return parsedMessage{}, fmt.Errorf("a line is %.80q, of %d bytes", line, len(line))
		}
	}
	parsed, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return parsedMessage{}, err
	}
	read := parsedMessage{header: parsed.Header}
	for name, values := range parsed.Header {
		for range values {
			read.headers = append(read.headers, name)
		}
	}
	slices.Sort(read.headers)
	kind, parameters, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		return read, fmt.Errorf("the Content-Type is %q: %w", parsed.Header.Get("Content-Type"), err)
	}
	parts := multipart.NewReader(parsed.Body, parameters["boundary"])
	text, err := readPart(parts, "text/plain")
	if err != nil {
		return read, err
	}
	read.text = strings.Split(text, "\n")
	page, err := readPart(parts, "text/html")
	if err != nil {
		return read, err
	}
	if _, err := parts.NextRawPart(); !errors.Is(err, io.EOF) {
		return read, fmt.Errorf("there are more parts than two: %w", err)
	}
	return read, read.readPage(page)
}

// readPart reads the next part, which has to be of a kind.
func readPart(parts *multipart.Reader, want string) (string, error) {
	part, err := parts.NextRawPart()
	if err != nil {
		return "", err
	}
	got, parameters, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
	if err != nil || got != want || !strings.EqualFold(parameters["charset"], "utf-8") {
		return "", fmt.Errorf("a part's Content-Type is %q, wanted %s: %w", part.Header.Get("Content-Type"), want, err)
	}
	if encoding := part.Header.Get("Content-Transfer-Encoding"); encoding != "quoted-printable" {
		return "", fmt.Errorf("a part's Content-Transfer-Encoding is %q", encoding)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(part))
	return strings.ReplaceAll(string(body), "\r\n", "\n"), err
}

// readPage reads the page as a browser does.
func (l *parsedMessage) readPage(page string) error {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return err
	}
	for node := range root.Descendants() {
		switch node.Type {
		case html.TextNode:
			if node.Parent.Data == "code" {
				l.code += node.Data
			}
		case html.ElementNode:
			element := node.Data
			for _, attribute := range node.Attr {
				element += " " + attribute.Key
				if attribute.Key == "href" {
					l.links = append(l.links, attribute.Val)
				}
			}
			l.skeleton = append(l.skeleton, element)
		default:
			l.skeleton = append(l.skeleton, fmt.Sprint("node of type ", node.Type))
		}
	}
	return nil
}

// checkHostileMessages checks every message there is: one to each Member that may have
// one, and each of the same make as the harmless one in its language.
func (env *environment) checkHostileMessages(about map[string]string, samples map[string]parsedMessage) {
	env.Helper()
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	byEmail := map[string]*v1alpha1.Member{}
	for _, member := range members {
		if member.Status.Mail != nil {
			byEmail[member.Spec.Email] = member
		}
	}
	for i, m := range env.Mail.Messages() {
		if len(m.To) != 1 || byEmail[m.To[0]] == nil {
			env.Errorf("message %d is to %q", i, m.To)
			continue
		}
		member := byEmail[m.To[0]]
		if env.checkMessageRules(m, member, samples) != nil {
			env.Errorf("%s (%s): %v", member.Name, about[member.Name], env.checkMessageRules(m, member, samples))
		}
		delete(byEmail, m.To[0])
	}
	for _, member := range byEmail {
		env.Errorf("%s (%s) got no message", member.Name, about[member.Name])
	}
}

// checkMessageRules returns nil for a message that says what it has to, and nothing that a
// Member's fields have put into it.
func (env *environment) checkMessageRules(m smtptest.Message, member *v1alpha1.Member, samples map[string]parsedMessage) error {
	secret := &corev1.Secret{}
	if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: member.CredentialsSecretName()}, secret); err != nil {
		return err
	}
	read, err := parseMessage(m)
	if err != nil {
		return err
	}
	locale := string(member.Spec.Locale)
	if locale == "" {
		locale = "en"
	}
	sample := samples[locale]
	word := string(secret.Data[corev1.BasicAuthPasswordKey])
	to, err := read.header.AddressList("To")
	switch {
	case err != nil || len(to) != 1 || to[0].Address != member.Spec.Email || strings.ContainsFunc(to[0].Name, isControl):
		return fmt.Errorf("To is %q: %w", read.header.Get("To"), err)
	case !slices.Equal(read.headers, sample.headers):
		return fmt.Errorf("the headers are %q", read.headers)
	case read.header.Get("From") != sample.header.Get("From"), read.header.Get("Subject") != sample.header.Get("Subject"):
		return fmt.Errorf("From is %q, Subject %q", read.header.Get("From"), read.header.Get("Subject"))
	case len(read.text) != len(sample.text):
		return fmt.Errorf("the text has %d lines, wanted %d", len(read.text), len(sample.text))
	case !slices.Contains(read.text, word):
		return errors.New("the text has no line that is just the Secret's password")
	case read.code != word:
		return errors.New("the page does not have the Secret's password where it belongs")
	case !slices.Equal(read.skeleton, sample.skeleton), !slices.Equal(read.links, sample.links):
		return errors.New("the page is made of other elements, or has other links")
	case slices.ContainsFunc(read.text, func(line string) bool { return strings.ContainsFunc(line, isControl) }):
		return errors.New("the text has control characters")
	case isPlain(member.Spec.Name) && !strings.Contains(read.text[0], member.Spec.Name):
		return fmt.Errorf("the first line is %q, with another name than %q", read.text[0], member.Spec.Name)
	}
	return nil
}

// isPlain reports whether a message has to have a text just as it is.
func isPlain(text string) bool {
	return text == strings.Join(strings.Fields(text), " ") && !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
