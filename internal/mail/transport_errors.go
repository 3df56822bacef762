package mail

import (
	"cmp"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
)

// Stage is a step of a mail server session.
type Stage string

// The stages, in order.
const (
	StageConnect        Stage = "Connect"
	StageGreeting       Stage = "Greeting"
	StageTLS            Stage = "TLS"
	StageAuthentication Stage = "Authentication"
	StageSender         Stage = "Sender"
	StageRecipient      Stage = "Recipient"
	StageData           Stage = "Data"
)

// StageError is a failed attempt to send an e-mail, and the stage in which it failed.
type StageError struct {
	// Stage is the step that failed.
	Stage Stage
	// Server is the address of the mail server.
	Server string
	// Rejected reports whether the server refused this message for good: a 5xx
	// answer (RFC 5321, section 4.2.1) to RCPT or to the end of DATA.
	Rejected bool
	// Err is the cause.
	Err error
}

// Error returns what is wrong, with which server, and what to check.
func (e *StageError) Error() string {
	what := cmp.Or(stageProblems[e.Stage], string(e.Stage))
	if e.concernsMessage() && answerCode(e.Err) == 0 {
		what = "the connection was lost while the message was sent, and Rollcall tries again"
	}
	return fmt.Sprintf("mail server %s: %s: %v", e.Server, what, e.Err)
}

// Unwrap returns the cause.
func (e *StageError) Unwrap() error { return e.Err }

// concernsMessage reports whether this message may be the cause, so that one
// failure says nothing about the server.
func (e *StageError) concernsMessage() bool {
	return e.Stage == StageRecipient || e.Stage == StageData
}

// stageProblems says what failed in each stage, and what to check.
var stageProblems = map[Stage]string{
	StageConnect:        "cannot connect (check host and port, and that the server runs)",
	StageGreeting:       "no SMTP greeting (check port and TLS mode)",
	StageTLS:            "TLS failed (check the TLS mode, the host name and the CA certificates)",
	StageAuthentication: "AUTH failed (check the user name and password of the mail account)",
	StageSender:         "the server refused the sender (check the from address)",
	StageRecipient:      "the server refused the recipient",
	StageData:           "the server refused the message",
}

// answerCode returns the SMTP reply code in an error, or 0 without an answer.
func answerCode(err error) int {
	if answer, ok := errors.AsType[*textproto.Error](err); ok {
		return answer.Code
	}
	return 0
}

// redacted is an error with a text of its own.
type redacted struct {
	text string
	err  error
}

func (r *redacted) Error() string { return r.text }

// Unwrap returns the original error, which has the reply code.
func (r *redacted) Unwrap() error { return r.err }

// ownPort matches the local end of a connection in errors of package net.
var ownPort = regexp.MustCompile(`\S+:\d+->`)

// atThisTime matches the current time in certificate errors of crypto/x509.
var atThisTime = regexp.MustCompile(`current time \S+ is (after|before) `)

// redact returns an error without secrets, which a mail server may repeat in its
// answer. It also removes the local port and the current time: they differ each
// time, and the same error would look like a new one.
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
