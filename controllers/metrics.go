package controllers

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"rollcall.dev/rollcall/internal/mail"
)

// letterAttempts counts attempts to send a letter, by how they ended. No metric
// has a label with a person in it.
var letterAttempts = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "rollcall_letter_attempts_total",
	Help: "Attempts to hand a letter to a mail server, by outcome: accepted, rejected (for good) or retrying.",
}, []string{"outcome"})

func init() {
	metrics.Registry.MustRegister(letterAttempts)
	for _, outcome := range []mail.Outcome{mail.Accepted, mail.Rejected, mail.Retrying} {
		letterAttempts.WithLabelValues(outcome.String()).Add(0)
	}
}

// countAttempt counts one attempt.
func countAttempt(outcome mail.Outcome) {
	letterAttempts.WithLabelValues(outcome.String()).Inc()
}
