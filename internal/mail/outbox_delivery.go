package mail

import (
	"context"
	"errors"
	"time"
)

// Delivery is an e-mail to be delivered. It holds no password: the Source supplies
// that at the last moment.
type Delivery struct {
	// Route names the contact center whose mail settings apply.
	Route string
	// Member is the caller's name of the recipient; UID distinguishes two of one name.
	Member, UID string
	// To is the recipient's address, without a display name.
	To string
	// IssueID identifies the password that the e-mail is about.
	IssueID string
	// Attempts is how often this e-mail was tried before.
	Attempts int
	// NotBefore is when it may be tried; the zero time means now.
	NotBefore time.Time
	// Posted is when it was posted; Post sets it.
	Posted time.Time
}

// Source supplies the content of e-mails at the last moment.
type Source interface {
	// Content is called when the mail server has accepted sender and recipient and
	// waits for the message. It returns ErrWithdrawn if the password is no longer
	// the current one, or if the member must not receive e-mail.
	Content(ctx context.Context, delivery Delivery) (Content, error)
}

// ErrWithdrawn is a Source's answer for an e-mail that must not be sent.
var ErrWithdrawn = errors.New("the e-mail was withdrawn")

// Outcome is how an attempt to send an e-mail ended.
type Outcome string

const (
	// Accepted means that the mail server took responsibility for the e-mail.
	Accepted Outcome = "accepted"
	// Rejected means that the mail server refused this e-mail for good.
	Rejected Outcome = "rejected"
	// Retrying means that the outbox tries the e-mail again.
	Retrying Outcome = "retrying"
)

// Result is the outcome of the last attempt. The outbox keeps it until it is acknowledged.
type Result struct {
	// Member is the caller's name of the recipient.
	Member string
	// IssueID identifies the password that the e-mail is about.
	IssueID string
	// Outcome is how the attempt ended.
	Outcome Outcome
	// MessageID is the e-mail's Message-ID, without angle brackets.
	MessageID string
	// At is when the attempt ended.
	At time.Time
	// Attempts counts the attempts, including this one.
	Attempts int
	// NextAttemptAt is the earliest time of the next attempt, if Retrying.
	NextAttemptAt time.Time
	// Error is what went wrong, on one line; empty if Accepted.
	Error string
	// Settings is the hash of the settings that the attempt used.
	Settings string
}
