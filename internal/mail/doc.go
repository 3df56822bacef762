// Package mail makes letters and hands them to a mail server.
//
// A letter tells one person how to log in. Templates turn a Content into a MIME
// message in the person's language; the rest of the package carries messages to
// the mail server that a contact centre uses, with its limits and its faults in
// mind.
//
// The package knows nothing of Kubernetes: its callers bring the content, the
// settings, the clock and the context.
//
// A password passes through on its way from Content into a message and appears
// nowhere else: no error, log line or formatted value of this package has it.
package mail
