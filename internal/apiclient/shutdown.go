package apiclient

import (
	"time"
)

// Timeouts of a shutdown. The pod's terminationGracePeriodSeconds is longer.
const (
	// ShutdownTimeout is how long the manager waits for everything to stop.
	ShutdownTimeout = 50 * time.Second
	// MailGrace is the part of ShutdownTimeout in which e-mails in progress may finish.
	MailGrace = 30 * time.Second
)
