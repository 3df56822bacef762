package smtptest

import (
	"bytes"
	"crypto/subtle"
	"crypto/tls"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	errTLSRequired    = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	errAuthRequired   = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	errShuttingDown   = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Shutting down"}
	errMalformedLogin = &smtp.SMTPError{Code: 501, EnhancedCode: smtp.EnhancedCode{5, 5, 2}, Message: "Malformed AUTH LOGIN"}
)

// session is the state of one connection.
type session struct {
	server *Server
	conn   *smtp.Conn
	user   string // authenticated; empty if not
	from   string
	to     []string
}

// newSession answers EHLO.
func (s *Server) newSession(conn *smtp.Conn) (smtp.Session, error) {
	started := &session{server: s, conn: conn}
	if faults, _ := s.currentFaults(); faults.Hello != nil {
		return nil, started.refuse(faults.Hello)
	}
	return started, nil
}

// refuse returns an answer that refuses a command. 421 closes the connection.
func (s *session) refuse(answer *smtp.SMTPError) error {
	if answer.Code == 421 {
		s.faultConn().lastAnswer = true
	}
	return answer
}

// Reset drops the message in progress.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout ends the session.
func (*session) Logout() error { return nil }

// AuthMechanisms returns the mechanisms on offer: none before a required STARTTLS,
// and none if the server requires no credentials.
func (s *session) AuthMechanisms() []string {
	if username, _ := s.server.credentials(); username == "" || !s.secure() {
		return nil
	}
	return []string{sasl.Plain, sasl.Login}
}

// secure reports whether the connection is protected as the server requires.
func (s *session) secure() bool {
	return s.server.options.TLS != StartTLS || s.encrypted()
}

func (s *session) encrypted() bool {
	_, startedTLS := s.conn.TLSConnectionState()
	return startedTLS || s.server.options.TLS == Implicit
}

// Auth starts AUTH.
func (s *session) Auth(mechanism string) (sasl.Server, error) {
	if !slices.Contains(s.AuthMechanisms(), mechanism) {
		return nil, smtp.ErrAuthUnsupported
	}
	if mechanism == sasl.Login {
		return &loginServer{authenticate: s.authenticate}, nil
	}
	return sasl.NewPlainServer(func(_, username, password string) error {
		return s.authenticate(username, password)
	}), nil
}

func (s *session) authenticate(username, password string) error {
	if faults, _ := s.server.currentFaults(); faults.Auth != nil {
		return s.refuse(faults.Auth)
	}
	wantUsername, wantPassword := s.server.credentials()
	if username != wantUsername || subtle.ConstantTimeCompare([]byte(password), []byte(wantPassword)) != 1 {
		return smtp.ErrAuthFailed
	}
	s.user = username
	return nil
}

// Mail answers MAIL.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.server.mu.Lock()
	s.server.attempts++
	s.server.mu.Unlock()
	faults, _ := s.server.currentFaults()
	username, _ := s.server.credentials()
	switch {
	case faults.MailFrom != nil:
		return s.refuse(faults.MailFrom)
	case !s.secure():
		return errTLSRequired
	case username != "" && s.user == "":
		return errAuthRequired
	}
	s.from = from
	return nil
}

// Rcpt answers RCPT.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	faults, _ := s.server.currentFaults()
	if refusal := faults.RcptFor[to]; refusal != nil {
		return s.refuse(refusal)
	}
	if faults.Rcpt != nil {
		return s.refuse(faults.Rcpt)
	}
	s.to = append(s.to, to)
	return nil
}

// Data accepts a message.
func (s *session) Data(r io.Reader) error {
	faults, changed := s.server.currentFaults()
	c := s.faultConn()
	if c.refused {
		return nil
	}
	if faults.CutInData {
		c.cut()
		return errShuttingDown
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if faults.HangAfterData {
		s.server.hang(changed)
		c.cut()
		return errShuttingDown
	}
	if err := s.verdict(faults); err != nil {
		return err
	}
	s.server.keep(Message{
		From: s.from, To: slices.Clone(s.to), Raw: raw, Username: s.user, Encrypted: s.encrypted(),
		At: time.Now(), //nolint:forbidigo // messages arrive in real time
	})
	if faults.CutAfterAccept {
		c.cut()
	}
	return nil
}

// verdict waits, and returns the answer to a complete message: nil to keep it.
func (s *session) verdict(faults Faults) error {
	if !s.server.delay(faults.Delay) {
		return errShuttingDown
	}
	if faults.EndOfData != nil {
		return s.refuse(faults.EndOfData)
	}
	wait, refusal := s.server.throttle(faults.Throttle)
	switch {
	case refusal != nil:
		return s.refuse(refusal)
	case !s.server.delay(wait):
		return errShuttingDown
	default:
		return nil
	}
}

// faultConn returns the connection below the TLS of STARTTLS.
func (s *session) faultConn() *faultConn {
	conn := s.conn.Conn()
	if encrypted, ok := conn.(*tls.Conn); ok {
		conn = encrypted.NetConn()
	}
	c, ok := conn.(*faultConn)
	if !ok {
		// This cannot happen: the listener accepts no other connections.
		return &faultConn{Conn: conn, raw: conn, listener: s.server.listener}
	}
	return c
}

// loginServer is AUTH LOGIN: two questions, two answers.
type loginServer struct {
	authenticate func(username, password string) error
	asked        int
	username     string
}

// Next reads an answer and asks the next question.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	// The client may send the user name with the command.
	if l.asked == 0 && response != nil {
		l.asked = 1
	}
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.username = string(bytes.Clone(response))
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.authenticate(l.username, string(response))
	default:
		return nil, false, errMalformedLogin
	}
}
