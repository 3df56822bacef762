package cli

import (
	"bufio"
	"context"
	"strings"
)

// Confirm asks a yes-or-no question; every answer but yes means no. In a script, whose input is no
// terminal, the answer is yes, as in kubectl. A user who cannot see the question is asked to add
// --yes.
func (s *Session) Confirm(ctx context.Context, question string) error {
	if s.QuestionHidden {
		return Errorf(ExitDeclined, "%s Standard error is not a terminal and cannot show this question: nothing was changed. To confirm, add --yes", question)
	}
	if !s.CanAsk {
		return nil
	}
	Say(s.ErrOut, "%s [y/N] ", question)
	answer := make(chan string, 1)
	// A read from a terminal cannot be interrupted. The program ends without it.
	go func() {
		// End of input, and input that cannot be read, mean no.
		line, _ := bufio.NewReader(s.In).ReadString('\n') //nolint:errcheck // as said above
		answer <- line
	}()
	select {
	case <-ctx.Done():
		Say(s.ErrOut, "\n")
		return Errorf(ExitInterrupted, "interrupted: nothing was changed")
	case line := <-answer:
		if !strings.HasSuffix(line, "\n") {
			Say(s.ErrOut, "\n")
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return nil
		default:
			return Errorf(ExitDeclined, "declined: nothing was changed")
		}
	}
}
