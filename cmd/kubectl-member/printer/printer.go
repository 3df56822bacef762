package printer

import (
	"encoding/csv"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// page renders what matches on a page, and keeps it where it is to be sorted.
func (p Printer[T]) page(page []T, matches func(*T) bool, sorted *Sorter[T]) ([][]string, error) {
	var rows [][]string
	for i := range page {
		item := &page[i]
		if !matches(item) {
			continue
		}
		row, err := p.render(item)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
		if sorted != nil {
			if err := sorted.Add(item, row); err != nil {
				return nil, err
			}
		}
	}
	return rows, nil
}

// The output formats.
const (
	FormatTable = "table"
	FormatWide  = "wide"
	FormatName  = "name"
	FormatYAML  = "yaml"
	FormatJSON  = "json"
	FormatCSV   = "csv"
)

// Output is how objects are written.
type Output struct {
	Format    string
	NoHeaders bool
}

// AddFlags adds the flags.
func (o *Output) AddFlags(command *cobra.Command) {
	formats := []string{FormatTable, FormatWide, FormatName, FormatYAML, FormatJSON, FormatCSV}
	command.Flags().StringVarP(&o.Format, "output", "o", FormatTable, "How to write it: "+strings.Join(formats, ", "))
	command.Flags().BoolVar(&o.NoHeaders, "no-headers", false, "Leave out the row of headers of table, wide and csv")
	cli.CompleteFlag(command, "output", formats...)
}

// Normalize finds the format that is meant.
func (o *Output) Normalize() (err error) {
	o.Format, err = cli.Choose("output", o.Format, FormatTable, FormatWide, FormatName, FormatYAML, FormatJSON, FormatCSV)
	return err
}

// isManifest is whether the output is a List, which an empty one is too.
func (o *Output) isManifest() bool { return o.Format == FormatYAML || o.Format == FormatJSON }

// RowWriter writes rows, a page at a time. A row is cells, or one text.
type RowWriter interface {
	WriteRows(rows [][]string) error
	Close() error
}

// Printer writes objects. Rendering and writing are apart so that whoever sorts
// keeps no more of an object than what is written of it.
type Printer[T any] struct {
	RowWriter

	// render is what is written of an object.
	render func(*T) ([]string, error)
}

// New makes the printer for a format that normalise has found.
func New[T any](s *cli.Session, k kind[T], o Output, allNamespaces bool) Printer[T] {
	namespace := func(item *T) string { return k.Object(item).GetNamespace() }
	switch o.Format {
	case FormatName:
		return Printer[T]{NameWriter{s.Out}, func(item *T) ([]string, error) {
			return []string{k.FullName + "/" + k.Object(item).GetName()}, nil
		}}
	case FormatJSON, FormatYAML:
		return Printer[T]{NewList(o.Format, s.Out), k.Manifest}
	case FormatCSV:
		columns := k.sheet
		if allNamespaces {
			columns = append([]column[T]{plainColumn("namespace", namespace)}, columns...)
		}
		to := &CSVWriter{To: csv.NewWriter(s.Out)}
		for _, c := range columns {
			if !o.NoHeaders {
				to.Headers = append(to.Headers, c.title)
			}
		}
		return Printer[T]{to, cells(s, columns, EscapeFormula)}
	default:
		columns := k.shown(o.Format == FormatWide)
		if allNamespaces {
			columns = append([]column[T]{plainColumn("NAMESPACE", namespace)}, columns...)
		}
		to := &TableWriter{To: s.Out, NoHeaders: o.NoHeaders}
		for _, c := range columns {
			head := Header{Title: c.title}
			if s.Colors {
				head.color = c.color
			}
			to.Headers = append(to.Headers, head)
		}
		return Printer[T]{to, cells(s, columns, humanize.OneLine)}
	}
}

// shown are the columns of a table.
func (k kind[T]) shown(wide bool) []column[T] {
	var columns []column[T]
	for _, c := range k.columns {
		if wide || !c.wide {
			columns = append(columns, c)
		}
	}
	return columns
}

// cells renders an object as the cells of a row.
func cells[T any](s *cli.Session, columns []column[T], clean func(string) string) func(*T) ([]string, error) {
	return func(item *T) ([]string, error) {
		now, row := s.Now(), make([]string, len(columns))
		for i, c := range columns {
			row[i] = clean(c.text(item, now))
		}
		return row, nil
	}
}

// EscapeFormula keeps a spreadsheet program from running what a person wrote as a
// formula: an apostrophe comes before it, which import takes away. Numbers, such
// as those of telephones, stay as they are for scripts.
func EscapeFormula(text string) string {
	rest := strings.TrimLeft(text, "=+-@\t\r＝＋－＠")
	if rest == text || strings.Trim(text[1:], "0123456789") == "" {
		return text
	}
	return "'" + text
}
