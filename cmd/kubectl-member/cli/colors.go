// Package cli holds what all verbs share: the streams and flags of one run, its
// exit codes, the confirmation question, and the progress bar.
package cli

import ()

// The colors of a terminal (ECMA-48, SGR), and how they end.
const (
	Red    = "\x1b[31m"
	Green  = "\x1b[32m"
	Yellow = "\x1b[33m"
	Bold   = "\x1b[1m"
	Reset  = "\x1b[0m"
)

// Paint returns a text in a color if the session has colors.
func (s *Session) Paint(color, text string) string {
	if !s.Colors || text == "" {
		return text
	}
	return color + text + Reset
}
