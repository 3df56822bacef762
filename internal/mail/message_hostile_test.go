package mail

import (
	"mime"
	"slices"
	"strings"
	"testing"
)

// hostile holds texts that an attacker could enter.
var hostile = []string{
	"Ana\r\nBcc: thief@example.com", "Ana\nX-Evil: 1\n\nbody", "Ana\rBcc: x@example.com", "Ana\r\n\r\n--boundary",
	"{{.Password}}", "{{", `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, "<!--", "</title></head>",
	"]]>", "\u202Egnp.exe", "Ana\u2028Bcc: x@example.com", "Ana\u0085Bcc: x@example.com", "😀🏳️‍🌈", "\x00\x1b[31m", "\xff\xfe",
	`Ana" <thief@example.com>, "x`, "=?utf-8?q?Ana=0D=0ABcc:_x@example.com?=", "=?utf-8?b?QmNj?=", "a\\", "\\é", "(", ".", " ", "",
	strings.Repeat("long", 1000), strings.Repeat("长", 1000), strings.Repeat("=?", 700), "&lt;b&gt;", "%0d%0aBcc: x",
}

func TestMessageKeepsHeadersAndMarkupForHostileText(t *testing.T) {
	t.Parallel()
	for _, locale := range locales {
		for _, text := range hostile {
			checkHostile(t, locale, text, text, text)
		}
	}
}

// checkHostile compares a message with one for harmless text.
func checkHostile(tb testing.TB, locale, name, nickname, center string) {
	tb.Helper()
	content := exampleContent(locale)
	harmless := receive(tb, DefaultTemplates(), exampleEnvelope(), content)
	harmlessPage := parsePage(tb, harmless.page)
	content.Name, content.Nickname, content.ContactCenter = name, nickname, center
	got := receive(tb, DefaultTemplates(), exampleEnvelope(), content)
	read := parsePage(tb, got.page)

	if !slices.Equal(got.names, harmless.names) {
		tb.Errorf("headers changed to %q", got.names)
	}
	for _, header := range []string{"From", "Reply-To", "Message-Id", "Date", "Auto-Submitted", "Content-Language"} {
		if got.header.Get(header) != harmless.header.Get(header) {
			tb.Errorf("%s changed to %q", header, got.header.Get(header))
		}
	}
	to, err := got.header.AddressList("To")
	if err != nil || len(to) != 1 || to[0].Address != content.Email {
		tb.Errorf("To changed to %q (%v)", got.header.Get("To"), err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
	if err != nil || subject != oneLine(subject) || subject == "" {
		tb.Errorf("subject is %q (%v)", subject, err)
	}
	if !slices.Equal(read.skeleton, harmlessPage.skeleton) || !slices.Equal(read.links, harmlessPage.links) {
		tb.Errorf("markup changed for %q", name)
	}
	if strings.Count(got.text, "\n") != strings.Count(harmless.text, "\n") {
		tb.Errorf("the text's lines changed for %q", name)
	}
	if name != content.Password && (strings.Count(got.text, content.Password) != 1 || read.code != content.Password) {
		tb.Errorf("the password does not occur exactly once for %q", name)
	}
}

func FuzzMessageKeepsHeadersAndMarkup(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, "Ana", "Acme")
		f.Add("Ana", text, text)
	}
	f.Fuzz(func(t *testing.T, name, nickname, center string) {
		if len(name)+len(nickname)+len(center) > 10_000 {
			t.Skip("longer than the API allows")
		}
		checkHostile(t, "en", name, nickname, center)
	})
}
