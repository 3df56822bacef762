package apiclient

import (
	"time"
)

// Times of stopping. The pod's terminationGracePeriodSeconds is longer.
const (
	// ShutdownTimeout is how long the manager waits for everything to stop.
	ShutdownTimeout = 50 * time.Second
	// LetterGrace is how much of it letters under way may take.
	LetterGrace = 30 * time.Second
)
