package humanize

import (
	"testing"
)

func TestControlCharactersAreShownAsEscapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ana":            "Ana",
		"安娜 👩‍💻":         "安娜 👩‍💻",
		"\x1b[2J":        `\u001b[2J`,
		"a\nb\tc\r":      `a\u000ab\u0009c\u000d`,
		"x\u202egnp.exe": `x\u202egnp.exe`,
		"\u0085\u2028":   `\u0085\u2028`,
	} {
		if got := OneLine(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestAWordIsQuotedForAShell(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"ana@example.com": "ana@example.com", "": "''", "a b": "'a b'", "it's$HOME": `'it'\''s$HOME'`} {
		if got := ShellQuote(word); got != want {
			t.Errorf("%q: got %s", word, got)
		}
	}
}
