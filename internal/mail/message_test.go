package mail

import (
	"mime"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func exampleEnvelope() Envelope {
	return Envelope{
		From:      `Acme Désk <rollcall@example.com>`,
		ReplyTo:   `"Help, Desk" <help@example.com>`,
		MessageID: "0123456789abcdef0123456789abcdef@example.com",
		Date:      time.Date(2026, 3, 1, 12, 30, 0, 0, time.UTC),
	}
}

func TestMessageIsCompleteInEveryLocale(t *testing.T) {
	t.Parallel()
	for _, locale := range locales {
		t.Run(locale, func(t *testing.T) {
			t.Parallel()
			content := exampleContent(locale)
			got := receive(t, DefaultTemplates(), exampleEnvelope(), content)
			read := parsePage(t, got.page)

			for _, want := range []string{content.LoginURL, content.Username, content.Password} {
				if !slices.Contains(strings.Split(got.text, "\n"), want) {
					t.Errorf("the text has no line that is just %q:\n%s", want, got.text)
				}
			}
			for _, want := range []string{content.LoginURL, content.Username, content.Password, content.Name, content.ContactCenter} {
				if !strings.Contains(got.text, want) || strings.Count(read.text, want) == 0 {
					t.Errorf("text or page lacks %q", want)
				}
			}
			if read.code != content.Password {
				t.Errorf("the box with the password has %q", read.code)
			}
			if !slices.Equal(read.links, []string{content.LoginURL}) {
				t.Errorf("links are %q", read.links)
			}
			if read.lang != locale || got.header.Get("Content-Language") != locale {
				t.Errorf("lang is %q, Content-Language %q", read.lang, got.header.Get("Content-Language"))
			}
			subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
			if err != nil || !strings.Contains(subject, content.ContactCenter) {
				t.Errorf("subject is %q (%v)", subject, err)
			}
		})
	}
}

func TestMessageHeaders(t *testing.T) {
	t.Parallel()
	got := receive(t, DefaultTemplates(), exampleEnvelope(), exampleContent("fr"))
	wantNames := []string{
		"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version",
		"Reply-To", "Subject", "To",
	}
	if !slices.Equal(got.names, wantNames) {
		t.Errorf("headers are %q, want %q", got.names, wantNames)
	}
	for name, want := range map[string]string{
		"Auto-Submitted": "auto-generated",
		"Date":           "Sun, 01 Mar 2026 12:30:00 +0000",
		"Message-Id":     "<0123456789abcdef0123456789abcdef@example.com>",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.header.Get(name), want)
		}
	}
	for name, want := range map[string]mail.Address{
		"From":     {Name: "Acme Désk", Address: "rollcall@example.com"},
		"Reply-To": {Name: "Help, Desk", Address: "help@example.com"},
		"To":       {Name: "Ana Ruiz-Müller", Address: "ana+desk@example.com"},
	} {
		if addresses, err := got.header.AddressList(name); err != nil || len(addresses) != 1 || *addresses[0] != want {
			t.Errorf("%s is %q (%v)", name, got.header.Get(name), err)
		}
	}
	envelope := exampleEnvelope()
	envelope.ReplyTo = ""
	if got := receive(t, DefaultTemplates(), envelope, exampleContent("en")); got.header.Get("Reply-To") != "" {
		t.Error("Reply-To without one in the envelope")
	}
}

func TestMessageRejectsInvalidAddressesAndMessageIDs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*Envelope, *Content)
		want   string
	}{
		"from":               {func(e *Envelope, _ *Content) { e.From = "nobody" }, "from: "},
		"reply-to":           {func(e *Envelope, _ *Content) { e.ReplyTo = "a@b.example, c@d.example" }, "replyTo: "},
		"no recipient":       {func(_ *Envelope, c *Content) { c.Email = "" }, "email: "},
		"two recipients":     {func(_ *Envelope, c *Content) { c.Email = "a@b.example, c@d.example" }, "email: "},
		"recipient's header": {func(_ *Envelope, c *Content) { c.Email = "a@b.example\r\nBcc: c@d.example" }, "email: "},
		"named recipient":    {func(_ *Envelope, c *Content) { c.Email = "Ana <a@b.example>" }, "email: "},
		"Message-ID":         {func(e *Envelope, _ *Content) { e.MessageID = "a@b>\r\nBcc: c@d.example" }, "Message-ID"},
		"no Message-ID":      {func(e *Envelope, _ *Content) { e.MessageID = "" }, "Message-ID"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			envelope, content := exampleEnvelope(), exampleContent("en")
			test.change(&envelope, &content)
			_, err := DefaultTemplates().Message(envelope, content)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), content.Password) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestMessageLinksOnlyToWebAddresses(t *testing.T) {
	t.Parallel()
	content := exampleContent("en")
	content.LoginURL = "javascript:alert(1)"
	read := parsePage(t, receive(t, DefaultTemplates(), exampleEnvelope(), content).page)
	if slices.Contains(read.links, content.LoginURL) {
		t.Error("the page links to a script")
	}
}

// TestMessageSamples writes sample e-mails to a folder, for review.
func TestMessageSamples(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("ROLLCALL_EMAIL_SAMPLES")
	if folder == "" {
		t.Skip("ROLLCALL_EMAIL_SAMPLES names no folder")
	}
	for _, locale := range locales {
		content := exampleContent(locale)
		content.Password = "Tr7-mQ4v-XhP9-kW2z"
		message, err := DefaultTemplates().Message(exampleEnvelope(), content)
		if err != nil {
			t.Fatal(err)
		}
		if err := message.WriteToFile(filepath.Join(folder, locale+".eml")); err != nil {
			t.Fatal(err)
		}
		source := receive(t, DefaultTemplates(), exampleEnvelope(), content).page
		if err := os.WriteFile(filepath.Join(folder, locale+".html"), []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
