package gate

import "strings"

// consistsOf reports whether all characters of a text satisfy a predicate.
func consistsOf(text string, satisfies func(rune) bool) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !satisfies(r) })
}

// isLabel reports whether a text is a DNS label (RFC 1123), as the names of
// namespaces and policies are.
func isLabel(text string) bool {
	return text != "" && len(text) <= 63 && text[0] != '-' && text[len(text)-1] != '-' &&
		consistsOf(text, func(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || r == '-' })
}

// isAlphanumeric reports whether a character is an ASCII letter or digit.
func isAlphanumeric(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}

// isNameCharacter reports whether the names of API objects can have a character; it
// also accepts capital letters.
func isNameCharacter(r rune) bool { return isAlphanumeric(r) || r == '-' || r == '.' }

// isVisible reports whether a character is printable ASCII other than the space.
func isVisible(r rune) bool { return ' ' < r && r <= '~' }
