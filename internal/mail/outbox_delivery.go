package mail

import (
	"context"
	"errors"
	"time"
)

// Letter is a letter to be sent. It carries no password: that is read at the
// last moment.
type Letter struct {
	// Route is the contact centre whose mail settings apply.
	Route string
	// Member is the recipient as the caller names it; UID tells two of one name apart.
	Member, UID string
	// To is the recipient's address, without a display name.
	To string
	// IssueID names the password that the letter is about.
	IssueID string
	// Attempts is how often this letter was tried before.
	Attempts int
	// NotBefore is when it may be tried; the zero time means now.
	NotBefore time.Time
	// Posted is when it was posted; Post sets it.
	Posted time.Time
}

// Source supplies what goes into a letter at the last moment.
type Source interface {
	// Content is asked when the mail server has accepted sender and recipient
	// and waits for the letter. It returns ErrWithdrawn if the letter's password
	// is no longer the current one, or if the member must not get mail.
	Content(ctx context.Context, letter Letter) (Content, error)
}

// ErrWithdrawn is what a Source answers for a letter that must not be sent.
var ErrWithdrawn = errors.New("the letter was withdrawn")

// Outcome is how an attempt to send a letter ended.
type Outcome int

const (
	// Accepted means that the mail server took responsibility for the letter.
	Accepted Outcome = iota
	// Rejected means that it refused this letter for good.
	Rejected
	// Retrying means that the letter is tried again by itself.
	Retrying
)

// String is the outcome in one word, for metrics.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case Rejected:
		return "rejected"
	case Retrying:
		return "retrying"
	default:
		return "unknown"
	}
}

// Result is what became of a letter. It is kept until it is settled.
type Result struct {
	// Member is the recipient as the letter named it.
	Member string
	// IssueID names the password that the letter was about.
	IssueID string
	// Outcome is how the last attempt ended.
	Outcome Outcome
	// MessageID is the letter's Message-ID, without angle brackets.
	MessageID string
	// At is when the attempt ended.
	At time.Time
	// Attempts counts the attempts, this one included.
	Attempts int
	// NextAttemptAt is when a letter that is Retrying is tried again at the earliest.
	NextAttemptAt time.Time
	// Error is what went wrong, on one line; empty if Accepted.
	Error string
	// Settings is the hash of the settings that the attempt was made with.
	Settings string
}
