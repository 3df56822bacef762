package smtptest

import (
	"cmp"
	"crypto/subtle"
	"crypto/tls"
	"io"
	"slices"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

var (
	errTLSRequired  = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Must issue a STARTTLS command first"}
	errAuthRequired = &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	errShuttingDown = &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "Shutting down"}
)

// session is the state of one connection.
type session struct {
	server    *Server
	conn      *faultConn
	encrypted bool
	user      string // authenticated; empty if not
	from      string
	to        []string
}

// newSession answers EHLO.
func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	conn, encrypted := c.Conn(), s.options.TLS == Implicit
	if afterStartTLS, ok := conn.(*tls.Conn); ok {
		conn, encrypted = afterStartTLS.NetConn(), true
	}
	accepted, ok := conn.(*faultConn)
	if !ok {
		panic("smtptest: a connection that is not from the server's listener")
	}
	started := &session{server: s, conn: accepted, encrypted: encrypted}
	faults, _ := s.currentFaults()
	return started, started.refuse(faults.Hello)
}

// refuse returns an answer that refuses a command, if there is one. 421 closes the
// connection.
func (s *session) refuse(answer *smtp.SMTPError) error {
	if answer == nil {
		return nil
	}
	s.conn.lastAnswer = answer.Code == 421
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
	return s.server.options.TLS != StartTLS || s.encrypted
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
	faults, _ := s.server.currentFaults()
	if err := s.refuse(faults.Auth); err != nil {
		return err
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
	if err := s.refuse(cmp.Or(faults.RcptFor[to], faults.Rcpt)); err != nil {
		return err
	}
	s.to = append(s.to, to)
	return nil
}

// Data accepts a message.
func (s *session) Data(r io.Reader) error {
	faults, changed := s.server.currentFaults()
	if s.conn.refused {
		return nil
	}
	if faults.CutInData {
		s.conn.cut()
		return errShuttingDown
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if faults.HangAfterData {
		s.server.hang(changed)
		s.conn.cut()
		return errShuttingDown
	}
	if err := s.verdict(faults); err != nil {
		return err
	}
	s.server.keep(Message{
		From: s.from, To: slices.Clone(s.to), Raw: raw, Username: s.user, Encrypted: s.encrypted,
		At: time.Now(), //nolint:forbidigo // messages arrive in real time
	})
	if faults.CutAfterAccept {
		s.conn.cut()
	}
	return nil
}

// verdict waits, and returns the answer to a complete message: nil to keep it.
func (s *session) verdict(faults Faults) error {
	if err := s.server.delay(faults.Delay); err != nil {
		return err
	}
	if err := s.refuse(faults.EndOfData); err != nil {
		return err
	}
	wait, refusal := s.server.throttle(faults.Throttle)
	if err := s.refuse(refusal); err != nil {
		return err
	}
	return s.server.delay(wait)
}

// loginServer is AUTH LOGIN: two questions, two answers.
type loginServer struct {
	authenticate func(username, password string) error
	username     *string // nil until the client answers
}

// Next reads an answer and asks the next question.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	switch {
	case l.username != nil:
		return nil, true, l.authenticate(*l.username, string(response))
	case response == nil:
		return []byte("Username:"), false, nil
	default: // the client may send the user name with the command
		l.username = new(string(response))
		return []byte("Password:"), false, nil
	}
}
