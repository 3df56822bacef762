package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"rollcall.dev/rollcall/test/smtptest"
)

// mailbox is a mail server that saves each e-mail as a file.
type mailbox struct {
	*smtptest.Server
	dir     string
	console *console

	mu    sync.Mutex
	saved int
}

// startMailbox starts a mail server that saves e-mails in the folder dir.
func startMailbox(dir string, c *console) (*mailbox, error) {
	// E-mails contain passwords, so only this user can read the folder.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	m := &mailbox{dir: dir, console: c}
	var err error
	m.Server, err = smtptest.Start(smtptest.Options{OnMessage: m.save})
	return m, err
}

// unsafeInName matches characters that a file name should not have.
var unsafeInName = regexp.MustCompile(`[^A-Za-z0-9@._+-]`)

// save saves an e-mail as a file.
func (m *mailbox) save(message smtptest.Message) {
	m.mu.Lock()
	m.saved++
	number := m.saved
	m.mu.Unlock()
	recipients := strings.Join(message.To, ",")
	name := fmt.Sprintf("%d-%s.eml", number, unsafeInName.ReplaceAllString(recipients, "_"))
	if err := os.WriteFile(filepath.Join(m.dir, name), message.Raw, 0o600); err != nil {
		m.console.say("E-mail %d to %s could not be saved: %v", number, recipients, err)
		return
	}
	m.console.say("✉ E-mail %d to %s: %s (%s)", number, recipients, message.Header("Subject"), name)
}

// to returns the e-mails to an address in order of arrival.
func (m *mailbox) to(address string) []smtptest.Message {
	return slices.DeleteFunc(m.Messages(), func(message smtptest.Message) bool {
		return !slices.Contains(message.To, address)
	})
}
