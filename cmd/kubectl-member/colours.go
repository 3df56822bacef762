package main

import "rollcall.dev/rollcall/api/v1alpha1"

// The colours of a terminal (ECMA-48, SGR), and how they end.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	bold   = "\x1b[1m"
	reset  = "\x1b[0m"
)

// paint is a text in a colour where the session has colours.
func (s *session) paint(colour, text string) string {
	if !s.colours || text == "" {
		return text
	}
	return colour + text + reset
}

// paintLogin is green for Allowed and red for Denied.
func paintLogin(text string) string {
	switch v1alpha1.LoginState(text) {
	case v1alpha1.LoginAllowed:
		return green
	case v1alpha1.LoginDenied:
		return red
	default:
		return ""
	}
}

// paintReady is yellow for what is not Ready.
func paintReady(text string) string {
	if text == "True" {
		return ""
	}
	return yellow
}
