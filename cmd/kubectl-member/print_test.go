package main

import (
	"strings"
	"testing"
)

func TestTheFirstPageDecidesTheWidthsOfATable(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	to := &table{to: &text, headers: []header{{title: "NAME"}, {title: "LOGIN", paint: paintLogin}, {title: "AGE"}}}
	for _, page := range [][][]string{
		{{"ana", "Allowed", "5s"}, {"安娜", "", "6s"}, {"e\u0301mile", "Denied", ""}},
		{{"bartholomew", "Denied", "7s"}},
	} {
		if err := to.write(page); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "table_widths", text.String())
}

func TestSignsThatMoveTheCursorAreShownAsEscapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Ana":            "Ana",
		"安娜 👩‍💻":         "安娜 👩‍💻",
		"\x1b[2J":        `\u001b[2J`,
		"a\nb\tc\r":      `a\u000ab\u0009c\u000d`,
		"x\u202egnp.exe": `x\u202egnp.exe`,
		"\u0085\u2028":   `\u0085\u2028`,
	} {
		if got := onOneLine(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestNothingInASheetIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Ana": "Ana", "+14155550123": "+14155550123", "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+": "+", "-a": "'-a", "＝1+1": "'＝1+1", "\t=1": "'\t=1",
	} {
		if got := unformulated(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestAWordIsQuotedForAShell(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"ana@example.com": "ana@example.com", "": "''", "a b": "'a b'", "it's$HOME": `'it'\''s$HOME'`} {
		if got := quoted(word); got != want {
			t.Errorf("%q: got %s", word, got)
		}
	}
}
