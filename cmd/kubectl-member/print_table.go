package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// tableGap is the space between columns, as kubectl's.
const tableGap = 3

// header is the head of a column of a table.
type header struct {
	title string
	// paint says which colour a text has; nil: none.
	paint func(text string) string
}

// table writes rows in columns. The first page decides how wide they are, so
// that it can be written before the last one is known: a longer cell that comes
// later moves the rest of its row to the right.
type table struct {
	to      io.Writer
	headers []header
	// bare is a table without the row of headers.
	bare   bool
	widths []int
}

func (t *table) write(rows [][]string) error {
	var text strings.Builder
	if t.widths == nil {
		t.measure(rows)
		if !t.bare {
			titles := make([]string, len(t.headers))
			for i, header := range t.headers {
				titles[i] = header.title
			}
			t.line(&text, titles, false)
		}
	}
	for _, row := range rows {
		t.line(&text, row, true)
	}
	_, err := io.WriteString(t.to, text.String())
	return err
}

func (*table) close() error { return nil }

// measure makes each column as wide as its widest cell.
func (t *table) measure(rows [][]string) {
	t.widths = make([]int, len(t.headers))
	for i, header := range t.headers {
		if !t.bare {
			t.widths[i] = len(header.title)
		}
		for _, row := range rows {
			t.widths[i] = max(t.widths[i], uniseg.StringWidth(row[i]))
		}
	}
}

// line writes one row.
func (t *table) line(to *strings.Builder, cells []string, colours bool) {
	gap := 0
	for i, cell := range cells {
		if cell != "" {
			// Spaces only before something, so that no line ends with them.
			to.WriteString(strings.Repeat(" ", gap))
			gap = 0
		}
		gap += max(0, t.widths[i]-uniseg.StringWidth(cell)) + tableGap
		if paint := t.headers[i].paint; colours && paint != nil && cell != "" && paint(cell) != "" {
			cell = paint(cell) + cell + reset
		}
		to.WriteString(cell)
	}
	to.WriteByte('\n')
}

// onOneLine makes a text that a person wrote safe for a terminal: signs that
// move the cursor, end the line or turn the direction of writing are shown as
// escapes.
func onOneLine(text string) string {
	if !strings.ContainsFunc(text, isControl) {
		return text
	}
	var safe strings.Builder
	for _, sign := range text {
		if isControl(sign) {
			fmt.Fprintf(&safe, `\u%04x`, sign)
			continue
		}
		safe.WriteRune(sign)
	}
	return safe.String()
}

// isControl is whether a sign does something else than stand there.
func isControl(sign rune) bool {
	return unicode.In(sign, unicode.Cc, unicode.Zl, unicode.Zp) ||
		sign >= '\u202a' && sign <= '\u202e' || sign >= '\u2066' && sign <= '\u2069'
}
