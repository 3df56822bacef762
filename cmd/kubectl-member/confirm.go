package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
)

// namesShown is how many names a question or a summary has at most.
const namesShown = 10

// confirm asks a person a question that is answered with yes or no; anything else
// than yes is no. In a script, whose input is no terminal, the answer is yes, as in
// kubectl. A person who would not see the question has not answered it.
func (s *session) confirm(ctx context.Context, question string) error {
	if s.unseen {
		return withCode(exitDeclined, "%s Nobody would see this question, since standard error is no terminal: nothing was changed; add --yes to do it", question)
	}
	if !s.asks {
		return nil
	}
	say(s.ErrOut, "%s [y/N] ", question)
	answer := make(chan string, 1)
	// A read from a terminal cannot be cut short, so nobody waits for this one
	// after an interruption: the program ends then.
	go func() {
		// An input that ends is no answer, and so is one that cannot be read.
		line, _ := bufio.NewReader(s.In).ReadString('\n') //nolint:errcheck // as said above
		answer <- line
	}()
	select {
	case <-ctx.Done():
		say(s.ErrOut, "\n")
		return withCode(exitInterrupted, "interrupted: nothing was changed")
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			say(s.ErrOut, "\n")
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		default:
			return withCode(exitDeclined, "declined: nothing was changed")
		}
	}
}

// someNames are names for people: the first of them, and how many more.
func someNames(names []string) string {
	if len(names) <= namesShown {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:namesShown], ", "), len(names)-namesShown)
}
