package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// console is the output of the demo. E-mails arrive while the demo prints, so each call
// writes as a whole.
type console struct {
	mu  sync.Mutex
	out io.Writer
}

// Write implements io.Writer.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

// say prints a line.
func (c *console) say(format string, args ...any) {
	_, _ = fmt.Fprintf(c, format+"\n", args...) //nolint:errcheck // a failed console cannot report its own failure
}

// saying returns a step that prints a line.
func (c *console) saying(text string) func() error {
	return func() error {
		c.say("%s", text)
		return nil
	}
}

// unquoted matches words that a shell accepts without quotes.
var unquoted = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// command returns a command as a user would type it.
func command(words ...string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		if !unquoted.MatchString(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}
