package mail

import (
	"encoding/base64"
	"net"
	"strings"
	"testing"

	"rollcall.dev/rollcall/test/smtptest"
)

// tlsModes holds each mode as the client and as the server name it.
var tlsModes = map[string]struct {
	client TLSMode
	server smtptest.TLSMode
}{
	"unencrypted":   {NoTLS, smtptest.None},
	"with STARTTLS": {StartTLS, smtptest.StartTLS},
	"with TLS":      {ImplicitTLS, smtptest.Implicit},
}

func TestAnEmailArrivesInEveryTLSMode(t *testing.T) {
	t.Parallel()
	for name, mode := range tlsModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smtp := startServer(t, smtptest.Options{TLS: mode.server, Username: mailUser, Password: mailPassword})
			server := serverOf(t, smtp, mode.client)
			server.Username, server.Password = mailUser, mailPassword
			session := dial(t, server, longTimeouts)
			if err := session.Check(t.Context(), mailUser); err != nil {
				t.Fatal(err)
			}
			if err := session.Send(t.Context(), mailUser, "ana@example.com", text); err != nil {
				t.Fatal(err)
			}
			got := smtp.Messages()
			if len(got) != 1 || string(got[0].Raw) != messageText || got[0].To[0] != "ana@example.com" {
				t.Fatalf("the server kept %d messages, want one", len(got))
			}
			if got[0].Username != mailUser || got[0].Encrypted != (mode.client != NoTLS) {
				t.Errorf("sent by %q, encrypted %t", got[0].Username, got[0].Encrypted)
			}
		})
	}
}

func TestAWrongPasswordFailsAuthenticationInEveryTLSMode(t *testing.T) {
	t.Parallel()
	for name, mode := range tlsModes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			smtp := startServer(t, smtptest.Options{TLS: mode.server, Username: mailUser, Password: "another"})
			server := serverOf(t, smtp, mode.client)
			server.Username, server.Password = mailUser, mailPassword
			_, err := dialer(longTimeouts).Dial(t.Context(), server)
			wantStage(t, err, StageAuthentication, false)
			if err != nil && strings.Contains(err.Error(), mailPassword) {
				t.Error("the error has the password")
			}
		})
	}
}

func TestAuthenticationUsesWhatTheServerOffers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ offer, want string }{
		"PLAIN when there is a choice": {"AUTH LOGIN PLAIN", "AUTH PLAIN AHJvbGxjYWxs"},
		"LOGIN when it must be":        {"AUTH LOGIN", "AUTH LOGIN"},
		"SCRAM above all":              {"AUTH PLAIN SCRAM-SHA-256", "AUTH SCRAM-SHA-256"},
		"nothing else":                 {"AUTH CRAM-MD5 XOAUTH2", ""},
		"nothing without an offer":     {"SIZE", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := startScript(t, func(line string) string {
				switch {
				case strings.HasPrefix(line, "EHLO"):
					return "250-script\r\n250 " + test.offer
				case strings.HasPrefix(line, "AUTH"):
					return "535 no"
				default:
					return obedient(line)
				}
			})
			peer.Username, peer.Password = mailUser, mailPassword
			_, err := dialer(longTimeouts).Dial(t.Context(), peer.Server)
			wantStage(t, err, StageAuthentication, false)
			if got := peer.heard(); strings.Contains(got, "AUTH") != (test.want != "") || !strings.Contains(got, test.want) {
				t.Errorf("the client sent %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestLOGINSendsUserNameAndPasswordWhenAsked(t *testing.T) {
	t.Parallel()
	for name, right := range map[string]bool{"right": true, "wrong": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			password := base64.StdEncoding.EncodeToString([]byte(mailPassword))
			peer := startScript(t, func(line string) string {
				switch line {
				case "AUTH LOGIN":
					return "334 " + base64.StdEncoding.EncodeToString([]byte("Username:"))
				case base64.StdEncoding.EncodeToString([]byte(mailUser)):
					return "334 " + base64.StdEncoding.EncodeToString([]byte("Password:"))
				case password:
					if right {
						return "235 welcome"
					}
					return "535 go away"
				default:
					return strings.Replace(obedient(line), "AUTH PLAIN LOGIN", "AUTH LOGIN", 1)
				}
			})
			peer.Username, peer.Password = mailUser, mailPassword
			if right {
				dial(t, peer.Server, longTimeouts)
				return
			}
			_, err := dialer(longTimeouts).Dial(t.Context(), peer.Server)
			wantStage(t, err, StageAuthentication, false)
		})
	}
}

func TestNothingIsSentUnencryptedWithoutSTARTTLS(t *testing.T) {
	t.Parallel()
	peer := startScript(t, obedient)
	peer.TLS, peer.Username, peer.Password = StartTLS, mailUser, mailPassword
	_, err := dialer(longTimeouts).Dial(t.Context(), peer.Server)
	wantStage(t, err, StageTLS, false)
	if err == nil || !strings.Contains(err.Error(), "does not offer STARTTLS") {
		t.Errorf("got %v, want an error about STARTTLS", err)
	}
	for line := range strings.SplitSeq(peer.heard(), "\n") {
		if line != "" && !strings.HasPrefix(line, "EHLO ") {
			t.Errorf("the client sent %q", line)
		}
	}
}

func TestAnswersFromBeforeSTARTTLSAreIgnored(t *testing.T) {
	t.Parallel()
	// An attacker on the network injects an answer before TLS starts.
	peer := startScript(t, func(line string) string {
		switch {
		case strings.HasPrefix(line, "EHLO"):
			return "250-script\r\n250 STARTTLS"
		case line == "STARTTLS":
			return "220 go\r\n250-script\r\n250 AUTH PLAIN"
		default:
			return obedient(line)
		}
	})
	peer.TLS, peer.Username, peer.Password = StartTLS, mailUser, mailPassword
	_, err := dialer(longTimeouts).Dial(t.Context(), peer.Server)
	wantStage(t, err, StageTLS, false)
	if strings.Contains(peer.heard(), "AUTH") {
		t.Error("AUTH was sent unencrypted")
	}
}

func TestTheCertificateMustBeFromAKnownAuthorityAndForTheHost(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"with STARTTLS", "with TLS"} {
		for name, spoil := range map[string]func(*Server){
			"unknown authority": func(s *Server) { s.RootCAs = nil },
			"another host":      func(s *Server) { s.Host = "mail.example.com" },
		} {
			t.Run(name+" "+mode, func(t *testing.T) {
				t.Parallel()
				smtp := startServer(t, smtptest.Options{TLS: tlsModes[mode].server, Username: mailUser, Password: mailPassword})
				server := serverOf(t, smtp, tlsModes[mode].client)
				server.Username, server.Password = mailUser, mailPassword
				conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", smtp.Addr())
				if err != nil {
					t.Fatal(err)
				}
				defer conn.Close()
				spoil(&server)
				session := &smtpSession{server: server, timeouts: longTimeouts, conn: conn}
				if stage, err := session.open(t.Context()); stage != StageTLS || err == nil {
					t.Errorf("got %s: %v, want the certificate refused", stage, err)
				}
				if smtp.Attempts() != 0 {
					t.Error("the session went on")
				}
			})
		}
	}
}

// farAway is a connection with a remote address on another machine.
type farAway struct{ net.Conn }

func (farAway) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 25} }

func TestThePasswordIsSentUnencryptedToThisMachineOnly(t *testing.T) {
	t.Parallel()
	for name, far := range map[string]bool{"this machine": false, "another machine": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			peer := startScript(t, obedient)
			peer.Username, peer.Password = mailUser, mailPassword
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", peer.Address())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if far {
				conn = farAway{conn}
			}
			session := &smtpSession{server: peer.Server, timeouts: longTimeouts, conn: conn}
			stage, err := session.open(t.Context())
			if stage != StageAuthentication || (err != nil) != far {
				t.Errorf("got %s: %v", stage, err)
			}
			if strings.Contains(peer.heard(), "AUTH") == far {
				t.Errorf("AUTH was sent: %t", !far)
			}
		})
	}
}
