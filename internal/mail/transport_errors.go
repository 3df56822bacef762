package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// Stage is a step of talking to a mail server.
type Stage string

// The stages, in their order.
const (
	StageConnect        Stage = "Connect"
	StageGreeting       Stage = "Greeting"
	StageTLS            Stage = "TLS"
	StageAuthentication Stage = "Authentication"
	StageSender         Stage = "Sender"
	StageRecipient      Stage = "Recipient"
	StageData           Stage = "Data"
)

// StageError is a failure to hand over a letter, with the stage it happened in.
type StageError struct {
	// Stage is the step that failed.
	Stage Stage
	// Server is the address of the mail server.
	Server string
	// Rejected is whether the server refused this letter for good: a 5xx answer
	// (RFC 5321, section 4.2.1) to RCPT or to the end of DATA.
	Rejected bool
	// Err is what happened.
	Err error
}

// Error says what went wrong, with which server and what to look at.
func (e *StageError) Error() string {
	what := e.Stage.describe()
	if e.concernsMessage() && answerCode(e.Err) == 0 {
		what = "the connection broke off while the letter was handed over, which is tried again"
	}
	return fmt.Sprintf("mail server %s: %s: %v", e.Server, what, e.Err)
}

// Unwrap gives the cause.
func (e *StageError) Unwrap() error { return e.Err }

// concernsMessage is whether the failure may be due to this one letter, so that one
// alone says nothing about the server.
func (e *StageError) concernsMessage() bool {
	return e.Stage == StageRecipient || e.Stage == StageData
}

// describe is the stage in words, with what to look at.
func (s Stage) describe() string {
	switch s {
	case StageConnect:
		return "cannot connect (check host and port, and that the server runs)"
	case StageGreeting:
		return "no SMTP greeting (check port and TLS mode)"
	case StageTLS:
		return "TLS failed (check the TLS mode, the host name and the CA certificates)"
	case StageAuthentication:
		return "AUTH failed (check the user name and password of the mail account)"
	case StageSender:
		return "the sender was refused (check the from address)"
	case StageRecipient:
		return "the recipient was refused"
	case StageData:
		return "the letter was refused"
	default:
		return string(s)
	}
}

// answerCode is the SMTP reply code in an error, or 0 if the server did not answer.
func answerCode(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

// redacted is an error whose text had something in it that nobody should read.
type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }

// Unwrap keeps the reply code within reach.
func (r *redacted) Unwrap() error { return r.err }

// ownPort is how the net package writes the near end of a connection.
var ownPort = regexp.MustCompile(`\S+:\d+->`)

// atThisTime is how crypto/x509 writes that a certificate is not good now.
var atThisTime = regexp.MustCompile(`current time \S+ is (after|before) `)

// redact takes secrets out of what a mail server answered, should it repeat
// what it was sent, and the near end of the connection and the time: they are others each
// time, so that an error that stays the same would look like news.
func redact(err error, secrets ...string) error {
	text := ownPort.ReplaceAllString(err.Error(), "")
	text = atThisTime.ReplaceAllString(text, "now is $1 ")
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		quoted := strconv.Quote(secret) // as textproto writes an answer
		quoted = quoted[1 : len(quoted)-1]
		text = strings.NewReplacer(secret, "[redacted]", quoted, "[redacted]").Replace(text)
	}
	if text == err.Error() {
		return err
	}
	return &redacted{text: text, err: err}
}
