package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// console is where the demo speaks. Mail arrives while something else is being
// said, so each call is one piece.
type console struct {
	mu  sync.Mutex
	out io.Writer
}

// Write writes as io.Writer does.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.Write(p)
}

// say prints a line.
func (c *console) say(format string, args ...any) {
	// Nobody is left to tell if this fails.
	_, _ = fmt.Fprintf(c, format+"\n", args...) //nolint:errcheck // as said above
}

// plain is what a shell takes as it is.
var plain = regexp.MustCompile(`^[A-Za-z0-9@%+=:,./_-]+$`)

// command is a command as a person would type it.
func command(words ...string) string {
	quoted := make([]string, 0, len(words))
	for _, word := range words {
		if !plain.MatchString(word) {
			word = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
		quoted = append(quoted, word)
	}
	return strings.Join(quoted, " ")
}
