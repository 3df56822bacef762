package member

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// redactedError is an error without the password that its original text contains.
type redactedError struct {
	error

	text string
}

// Error returns the text without the password.
func (e redactedError) Error() string { return e.text }

// Unwrap returns the original error, for errors.Is and errors.As.
func (e redactedError) Unwrap() error { return e.error }

// withoutPassword removes the password of a Secret from the text of an error. An admission plug-in
// may quote the Secret that it rejects.
func withoutPassword(err error, secret *corev1.Secret) error {
	password := string(secret.Data[corev1.BasicAuthPasswordKey])
	if password == "" || !strings.Contains(err.Error(), password) {
		return err
	}
	return redactedError{error: err, text: strings.ReplaceAll(err.Error(), password, "[redacted]")}
}
