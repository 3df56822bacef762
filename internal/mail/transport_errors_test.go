package mail

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/textproto"
	"strings"
	"testing"
	"time"
)

func TestServerNeverShowsItsPassword(t *testing.T) {
	t.Parallel()
	server := Server{Host: "mail.example.com", Port: 587, Username: mailUser, Password: mailPassword}
	settings := Settings{Server: server, From: mailUser}
	var shown strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d", "%x"} {
		for _, value := range []any{server, &server, settings, &settings, []Server{server}, map[string]Settings{"a": settings}} {
			fmt.Fprintf(&shown, verb+"\n", value)
		}
	}
	encoded, err := json.Marshal(server)
	if err != nil {
		t.Fatal(err)
	}
	shown.Write(encoded)
	for _, secret := range append(server.secrets(), fmt.Sprintf("%x", mailPassword)) {
		if strings.Contains(shown.String(), secret) {
			t.Error("the password is shown")
		}
	}
	if !strings.Contains(shown.String(), "mail server mail.example.com:587") {
		t.Error("the address of the server is not shown")
	}
}

func TestAPasswordThatTheServerRepeatsIsRedacted(t *testing.T) {
	t.Parallel()
	plain := base64.StdEncoding.EncodeToString([]byte("\x00" + mailUser + "\x00" + mailPassword))
	for name, said := range map[string]string{
		"as it is": "535 no account has " + mailPassword,
		"as sent":  "535 cannot parse AUTH PLAIN " + plain,
		"as coded": "535 cannot parse " + base64.StdEncoding.EncodeToString([]byte(mailPassword)),
	} {
		peer := startScript(t, except("AUTH", said))
		peer.Username, peer.Password = mailUser, mailPassword
		_, err := dialer(longTimeouts).Dial(t.Context(), peer.Server)
		wantStage(t, err, StageAuthentication, false)
		if err == nil || !strings.Contains(err.Error(), "[redacted]") {
			t.Errorf("password %s: the error has no [redacted]", name)
			continue
		}
		for _, secret := range peer.secrets() {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("password %s: the error contains it", name)
			}
		}
		if answer, ok := errors.AsType[*textproto.Error](err); !ok || answer.Code != 535 {
			t.Errorf("password %s: the error lacks the code", name)
		}
	}
}

func TestAMemberPasswordThatTheServerRepeatsIsRedacted(t *testing.T) {
	t.Parallel()
	const secret = `a-"Member's"-Passw0rd`
	peer := startScript(t, except(".", "554 spam: "+secret))
	session := dial(t, peer.Server, longTimeouts)
	err := session.Send(t.Context(), mailUser, "ana@example.com", func(context.Context) ([]byte, []string, error) {
		return []byte(messageText + secret), []string{secret}, nil
	})
	wantStage(t, err, StageData, true)
	if err == nil || strings.Contains(err.Error(), "Passw0rd") || !strings.Contains(err.Error(), "spam: [redacted]") {
		t.Errorf("the error contains the password, or lacks the rest: %v", err)
	}
}

func TestTheSameFailureHasTheSameText(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "EHLO", "MAIL"} {
		peer := startScript(t, except(prefix, ""))
		short := Timeouts{Connect: time.Minute, Reply: 300 * time.Millisecond, EndOfData: time.Minute}
		first, second := sendOnce(t, peer.Server, short), sendOnce(t, peer.Server, short)
		if first == nil || second == nil || first.Error() != second.Error() {
			t.Errorf("silent at %q: got %v, then %v", prefix, first, second)
		}
	}
}

func TestACertificateErrorHasTheSameTextAtAnyTime(t *testing.T) {
	t.Parallel()
	expired := func(now string) string {
		err := x509.CertificateInvalidError{Reason: x509.Expired, Detail: "current time " + now + " is after 2026-01-01T00:00:00Z"}
		return redact(err).Error()
	}
	first, second := expired("2026-02-01T10:00:00Z"), expired("2026-02-01T10:00:01Z")
	if first != second || !strings.Contains(first, "is after 2026-01-01T00:00:00Z") {
		t.Errorf("got %q, then %q", first, second)
	}
}

func TestALostConnectionIsNotReportedAsARefusal(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"a connection that ends": {io.EOF, "the connection was lost"},
		"a server that refuses":  {&textproto.Error{Code: 554, Msg: "no"}, "the server refused the message"},
	} {
		text := (&StageError{Stage: StageData, Server: "mail.example.com:25", Err: test.err}).Error()
		if !strings.Contains(text, test.want) {
			t.Errorf("%s reads %q, without %q", name, text, test.want)
		}
	}
}

func TestContentExpiresByEitherClock(t *testing.T) {
	t.Parallel()
	now := time.Now() //nolint:forbidigo // contents hold such times
	for name, test := range map[string]struct {
		begun time.Time
		old   bool
	}{
		"just read":                          {now, false},
		"read long ago":                      {now.Add(-contentLife - time.Second), true},
		"read before the machine slept":      {now.Add(-contentLife - time.Second).Round(0), true},
		"read before the clock was set back": {now.Add(time.Hour).Round(0), false},
	} {
		if err := (contents{begun: test.begun}).checkAge(); (err != nil) != test.old {
			t.Errorf("%s: %v", name, err)
		}
	}
}
