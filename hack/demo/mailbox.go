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

// mailbox is a mail server that keeps each mail as a file.
type mailbox struct {
	*smtptest.Server
	dir     string
	console *console

	mu   sync.Mutex
	kept int
}

// startMailbox starts a mail server that keeps mails in the folder dir.
func startMailbox(dir string, c *console) (*mailbox, error) {
	// Mails have passwords, so the folder is for this user only.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	m := &mailbox{dir: dir, console: c}
	var err error
	m.Server, err = smtptest.Start(smtptest.Options{OnMessage: m.keep})
	return m, err
}

// unsafeInName is what a file's name should not have.
var unsafeInName = regexp.MustCompile(`[^A-Za-z0-9@._+-]`)

func (m *mailbox) keep(message smtptest.Message) {
	m.mu.Lock()
	m.kept++
	number := m.kept
	m.mu.Unlock()
	recipients := strings.Join(message.To, ",")
	name := fmt.Sprintf("%d-%s.eml", number, unsafeInName.ReplaceAllString(recipients, "_"))
	if err := os.WriteFile(filepath.Join(m.dir, name), message.Raw, 0o600); err != nil {
		m.console.say("mail %d to %s could not be kept: %v", number, recipients, err)
		return
	}
	m.console.say("✉ mail %d to %s: %s (%s)", number, recipients, message.Header("Subject"), name)
}

// to returns the mails to an address, in the order in which they came.
func (m *mailbox) to(address string) []smtptest.Message {
	return slices.DeleteFunc(m.Messages(), func(message smtptest.Message) bool {
		return !slices.Contains(message.To, address)
	})
}
