// Package mail creates e-mails and delivers them to mail servers.
//
// An e-mail tells one member how to log in. Templates turn a Content into a MIME
// message in the member's language. An Outbox sends the messages through each
// contact center's mail server, within its rate limit and despite its failures;
// the table transitions specifies the states of an e-mail in the outbox.
//
// The package does not depend on Kubernetes: callers pass the content, the
// settings, the clock, and the context.
//
// A password passes from Content into the message and appears nowhere else: no
// error, log line, or formatted value of this package contains it.
package mail
