package printer

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

// tableGap is the space between columns, as kubectl's.
const tableGap = 3

// Header is the head of a column of a table.
type Header struct {
	Title string
	// color says which colour a text has; nil: none.
	color func(text string) string
}

// TableWriter writes rows in columns. The first page decides how wide they are, so
// that it can be written before the last one is known: a longer cell that comes
// later moves the rest of its row to the right.
type TableWriter struct {
	To      io.Writer
	Headers []Header
	// NoHeaders is a table without the row of headers.
	NoHeaders bool
	Widths    []int
}

func (t *TableWriter) WriteRows(rows [][]string) error {
	var text strings.Builder
	if t.Widths == nil {
		t.measure(rows)
		if !t.NoHeaders {
			titles := make([]string, len(t.Headers))
			for i, header := range t.Headers {
				titles[i] = header.Title
			}
			t.line(&text, titles, false)
		}
	}
	for _, row := range rows {
		t.line(&text, row, true)
	}
	_, err := io.WriteString(t.To, text.String())
	return err
}

func (*TableWriter) Close() error { return nil }

// measure makes each column as wide as its widest cell.
func (t *TableWriter) measure(rows [][]string) {
	t.Widths = make([]int, len(t.Headers))
	for i, header := range t.Headers {
		if !t.NoHeaders {
			t.Widths[i] = len(header.Title)
		}
		for _, row := range rows {
			t.Widths[i] = max(t.Widths[i], uniseg.StringWidth(row[i]))
		}
	}
}

// line writes one row.
func (t *TableWriter) line(to *strings.Builder, cells []string, colours bool) {
	gap := 0
	for i, cell := range cells {
		if cell != "" {
			// Spaces only before something, so that no line ends with them.
			to.WriteString(strings.Repeat(" ", gap))
			gap = 0
		}
		gap += max(0, t.Widths[i]-uniseg.StringWidth(cell)) + tableGap
		if paint := t.Headers[i].color; colours && paint != nil && cell != "" && paint(cell) != "" {
			cell = paint(cell) + cell + cli.Reset
		}
		to.WriteString(cell)
	}
	to.WriteByte('\n')
}
