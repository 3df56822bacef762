package member

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// redactedError is an error whose text had a password in it.
type redactedError struct {
	error

	text string
}

func (e redactedError) Error() string { return e.text }

// Unwrap keeps the kind of the error within reach.
func (e redactedError) Unwrap() error { return e.error }

// withoutPassword takes a password out of what the API server answered, should an
// admission plug-in repeat what it was shown.
func withoutPassword(err error, secret *corev1.Secret) error {
	password := string(secret.Data[corev1.BasicAuthPasswordKey])
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return redactedError{error: err, text: strings.ReplaceAll(err.Error(), password, "[redacted]")}
}
