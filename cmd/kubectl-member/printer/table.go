package printer

import (
	"io"
	"strings"

	"github.com/rivo/uniseg"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// tableGap is the space between columns, as in kubectl.
const tableGap = 3

// header is the head of a column of a table.
type header struct {
	title string
	// color returns the color of a text. It may be nil.
	color func(text string) string
}

// tableWriter writes rows in columns. The first page decides their widths, so that it can be
// written before the last page is known. A longer cell on a later page moves the rest of its row to
// the right.
type tableWriter struct {
	to      io.Writer
	headers []header
	// noHeaders leaves out the row of headers.
	noHeaders bool
	widths    []int
}

// Table returns rows in columns below titles, if there are any.
func Table(titles []string, rows [][]string) string {
	var text strings.Builder
	t := &tableWriter{to: &text, noHeaders: titles == nil}
	if titles == nil && len(rows) > 0 {
		titles = rows[0]
	}
	for _, title := range titles {
		t.headers = append(t.headers, header{title: title})
	}
	clean := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			clean[i] = append(clean[i], humanize.OneLine(cell))
		}
	}
	// Writing to a strings.Builder never fails.
	_ = t.WriteRows(clean) //nolint:errcheck // as said above
	return text.String()
}

// IndentedTable returns a table whose first column is empty.
func IndentedTable(titles []string, rows [][]string) string {
	indented := make([][]string, len(rows))
	for i, row := range rows {
		indented[i] = append([]string{""}, row...)
	}
	return Table(append([]string{""}, titles...), indented)
}

// WriteRows writes a page.
func (t *tableWriter) WriteRows(rows [][]string) error {
	var text strings.Builder
	if t.widths == nil {
		t.measure(rows)
		if !t.noHeaders {
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

// Close does nothing.
func (*tableWriter) Close() error { return nil }

func (t *tableWriter) measure(rows [][]string) {
	t.widths = make([]int, len(t.headers))
	for i, header := range t.headers {
		if !t.noHeaders {
			t.widths[i] = len(header.title)
		}
		for _, row := range rows {
			t.widths[i] = max(t.widths[i], uniseg.StringWidth(row[i]))
		}
	}
}

func (t *tableWriter) line(to *strings.Builder, cells []string, colored bool) {
	gap := 0
	for i, cell := range cells {
		if cell != "" {
			// Writing spaces only before text keeps line ends clean.
			to.WriteString(strings.Repeat(" ", gap))
			gap = 0
		}
		gap += max(0, t.widths[i]-uniseg.StringWidth(cell)) + tableGap
		if color := t.headers[i].color; colored && color != nil && cell != "" && color(cell) != "" {
			cell = color(cell) + cell + cli.Reset
		}
		to.WriteString(cell)
	}
	to.WriteByte('\n')
}
