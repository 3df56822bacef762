// Package apiclient sets up the connection of the manager and of the gate to the API
// server: the scheme, the REST mapper, the guard of watches, and the Lease of the
// leader.
package apiclient

import (
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Timeouts of a shutdown. The pod's terminationGracePeriodSeconds is longer.
const (
	// ShutdownTimeout is how long the manager waits for everything to stop.
	ShutdownTimeout = 50 * time.Second
	// MailGrace is the part of ShutdownTimeout in which e-mails in progress may finish.
	MailGrace = 30 * time.Second
)

// NewScheme returns a scheme with all types that the manager and the gate use.
func NewScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme))
}
