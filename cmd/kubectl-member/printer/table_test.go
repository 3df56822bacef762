package printer

import (
	"strings"
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestTheFirstPageDecidesTheWidthsOfATable(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	to := &tableWriter{to: &text, headers: []header{{title: "NAME"}, {title: "LOGIN", color: loginColor}, {title: "AGE"}}}
	for _, page := range [][][]string{
		{{"ana", "Allowed", "5s"}, {"安娜", "", "6s"}, {"e\u0301mile", "Denied", ""}},
		{{"bartholomew", "Denied", "7s"}},
	} {
		if err := to.WriteRows(page); err != nil {
			t.Fatal(err)
		}
	}
	goldentest.Compare(t, "table_widths", text.String())
}

func TestNoCellOfASheetIsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Ana": "Ana", "+14155550123": "+14155550123", "=1+1": "'=1+1", "@SUM(A1)": "'@SUM(A1)", "+": "+", "-a": "'-a", "＝1+1": "'＝1+1", "\t=1": "'\t=1",
	} {
		if got := EscapeFormula(text); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}
