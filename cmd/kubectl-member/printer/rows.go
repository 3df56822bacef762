package printer

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"

	"github.com/rivo/uniseg"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// RowWriter writes rows, a page at a time. A row has several cells, or one text.
type RowWriter interface {
	WriteRows(rows [][]string) error
	Close() error
}

// csvWriter writes comma-separated values (RFC 4180).
type csvWriter struct {
	to      *csv.Writer
	headers []string
}

// WriteRows writes a page.
func (s *csvWriter) WriteRows(rows [][]string) error {
	if s.headers != nil {
		if err := s.to.Write(s.headers); err != nil {
			return err
		}
		s.headers = nil
	}
	return s.to.WriteAll(rows)
}

// Close ends the output.
func (s *csvWriter) Close() error { return s.WriteRows(nil) }

// NewCSV returns a writer of csv. headers may be nil.
func NewCSV(to io.Writer, headers []string) RowWriter {
	return &csvWriter{to: csv.NewWriter(to), headers: headers}
}

// listWriter writes a List item by item, so that it is never in memory as a whole.
type listWriter struct {
	to io.Writer
	// begin comes before the first item, and separator before each other one. end comes after the
	// last item, and none instead of all items.
	begin, separator, end, none string
	item                        func(to *bytes.Buffer, text []byte) error
	begun                       bool
}

// NewList returns a writer of a List in JSON or YAML.
func NewList(format string, to io.Writer) RowWriter {
	if format == FormatYAML {
		const end = "kind: List\nmetadata:\n  resourceVersion: \"\"\n"
		return &listWriter{to: to, begin: "apiVersion: v1\nitems:\n", end: end, none: "apiVersion: v1\nitems: []\n" + end, item: yamlItem}
	}
	const begin, end = "{\n    \"apiVersion\": \"v1\",\n    \"items\": [", "],\n    \"kind\": \"List\",\n    \"metadata\": {\n        \"resourceVersion\": \"\"\n    }\n}\n"
	return &listWriter{
		to: to, begin: begin + "\n        ", separator: ",\n        ", end: "\n    " + end, none: begin + end,
		item: func(to *bytes.Buffer, text []byte) error { return json.Indent(to, text, "        ", "    ") },
	}
}

// WriteRows writes a page.
func (l *listWriter) WriteRows(rows [][]string) error {
	var text bytes.Buffer
	for _, row := range rows {
		if l.begun {
			text.WriteString(l.separator)
		} else {
			text.WriteString(l.begin)
		}
		l.begun = true
		if err := l.item(&text, []byte(row[0])); err != nil {
			return err
		}
	}
	_, err := l.to.Write(text.Bytes())
	return err
}

// Close ends the output.
func (l *listWriter) Close() error {
	end := l.none
	if l.begun {
		end = l.end
	}
	_, err := io.WriteString(l.to, end)
	return err
}

// yamlItem writes an item of a list in YAML.
func yamlItem(to *bytes.Buffer, text []byte) error {
	item, err := yaml.JSONToYAML(text)
	indent := "- "
	for line := range bytes.Lines(item) {
		if len(line) > 1 {
			to.WriteString(indent)
		}
		to.Write(line)
		indent = "  "
	}
	return err
}

// FormatObject converts an object from JSON to indented JSON or YAML.
func FormatObject(text, format string) (string, error) {
	if format == FormatYAML {
		converted, err := yaml.JSONToYAML([]byte(text))
		return string(converted), err
	}
	var indented bytes.Buffer
	err := json.Indent(&indented, []byte(text), "", "    ")
	return indented.String() + "\n", err
}

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
