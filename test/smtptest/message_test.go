package smtptest

import (
	"strings"
	"testing"
)

const multipartMessage = `From: Acme <rollcall@example.com>
To: <ana@example.com>
Message-ID: <0123456789abcdef@example.com>
Subject: =?utf-8?q?Vos_acc=C3=A8s?=
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=frontier

--frontier
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

Bonjour Ana Lef=C3=A8vre,

Adresse de connexion :
https://desk.example.com/Login123

Nom d'utilisateur :
Ana12345@example.com

Mot de passe :
aB3#=3Dhjkmnpqr

Cordialement,
--frontier
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: base64

PHA+Qm9uam91cjwvcD4=
--frontier--
`

func TestAMultipartMessageIsReadByItsParts(t *testing.T) {
	t.Parallel()
	m := Message{To: []string{"ana12345@example.com"}, Raw: []byte(strings.ReplaceAll(multipartMessage, "\n", "\r\n"))}
	if got := m.Header("subject"); got != "Vos accès" {
		t.Errorf("subject %q", got)
	}
	if got := m.MessageID(); got != "0123456789abcdef@example.com" {
		t.Errorf("Message-ID %q", got)
	}
	if got := m.Text(); !strings.HasPrefix(got, "Bonjour Ana Lefèvre,\n") {
		t.Errorf("text %q", got)
	}
	if got := m.HTML(); got != "<p>Bonjour</p>" {
		t.Errorf("HTML %q", got)
	}
	if got, found := m.ExtractPassword(); !found || got != "aB3#=hjkmnpqr" {
		t.Errorf("password %q, %t", got, found)
	}
	if !m.Contains("aB3#=hjkmnpqr") || !m.Contains("<p>Bonjour") || m.Contains("absent") {
		t.Error("Contains is wrong")
	}
}

func TestThePasswordIsFoundOnItsLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"alone on its line":           {"Password:\n  aB3456789012\n", "aB3456789012"},
		"after a label":               {"Your password: aB3456789:12", "aB3456789:12"},
		"after a label in Chinese":    {"密码：aB3456789012", "aB3456789012"},
		"no word without digits":      {"Cordialement,\nImmediatement", ""},
		"no token that is too short":  {"aB345678901", ""},
		"no token that is too long":   {strings.Repeat("aB3", 22), ""},
		"no token in a sentence":      {"Take aB3456789012 and go", ""},
		"nothing in an empty message": {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, found := Message{Raw: []byte("Subject: x\r\n\r\n" + test.text)}.ExtractPassword()
			if got != test.want || found != (test.want != "") {
				t.Errorf("got %q, %t, want %q", got, found, test.want)
			}
		})
	}
}
