package printer

import (
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// page renders the objects of a page that match, and keeps them if they are to be sorted.
func (p printer[T]) page(page []T, matches func(*T) bool, sorted *sorter[T]) ([][]string, error) {
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

// Output holds the flags that say how objects are written.
type Output struct {
	Format    string
	NoHeaders bool
}

// AddFlags adds the flags.
func (o *Output) AddFlags(command *cobra.Command) {
	formats := []string{FormatTable, FormatWide, FormatName, FormatYAML, FormatJSON, FormatCSV}
	command.Flags().StringVarP(&o.Format, "output", "o", FormatTable, "Output format: "+strings.Join(formats, ", "))
	command.Flags().BoolVar(&o.NoHeaders, "no-headers", false, "Omit the headers of table, wide, and csv")
	cli.CompleteFlag(command, "output", formats...)
}

// Normalize finds the format that is meant.
func (o *Output) Normalize() (err error) {
	o.Format, err = cli.Choose("output", o.Format, FormatTable, FormatWide, FormatName, FormatYAML, FormatJSON, FormatCSV)
	return err
}

// isManifest reports whether the output is a List, which an empty one is too.
func (o *Output) isManifest() bool { return o.Format == FormatYAML || o.Format == FormatJSON }

// RowWriter writes rows, a page at a time. A row has several cells, or one text.
type RowWriter interface {
	WriteRows(rows [][]string) error
	Close() error
}

// printer writes objects. Rendering and writing are separate, so that a sorter keeps only what is
// written.
type printer[T any] struct {
	RowWriter

	// render returns the row of an object.
	render func(*T) ([]string, error)
}

// newPrinter returns the printer for a normalized format.
func newPrinter[T any](s *cli.Session, k kind[T], o Output, allNamespaces bool) printer[T] {
	namespace := func(item *T) string { return k.Object(item).GetNamespace() }
	switch o.Format {
	case FormatName:
		return printer[T]{nameWriter{s.Out}, func(item *T) ([]string, error) {
			return []string{k.FullName + "/" + k.Object(item).GetName()}, nil
		}}
	case FormatJSON, FormatYAML:
		return printer[T]{NewList(o.Format, s.Out), k.Manifest}
	case FormatCSV:
		columns := k.sheet
		if allNamespaces {
			columns = append([]column[T]{plainColumn("namespace", namespace)}, columns...)
		}
		var headers []string
		for _, c := range columns {
			if !o.NoHeaders {
				headers = append(headers, c.title)
			}
		}
		return printer[T]{NewCSV(s.Out, headers), cells(s, columns, EscapeFormula)}
	default:
		columns := k.shown(o.Format == FormatWide)
		if allNamespaces {
			columns = append([]column[T]{plainColumn("NAMESPACE", namespace)}, columns...)
		}
		to := &tableWriter{to: s.Out, noHeaders: o.NoHeaders}
		for _, c := range columns {
			head := header{title: c.title}
			if s.Colors {
				head.color = c.color
			}
			to.headers = append(to.headers, head)
		}
		return printer[T]{to, cells(s, columns, humanize.OneLine)}
	}
}

func (k kind[T]) shown(wide bool) []column[T] {
	var columns []column[T]
	for _, c := range k.columns {
		if wide || !c.wide {
			columns = append(columns, c)
		}
	}
	return columns
}

func cells[T any](s *cli.Session, columns []column[T], clean func(string) string) func(*T) ([]string, error) {
	return func(item *T) ([]string, error) {
		now, row := s.Now(), make([]string, len(columns))
		for i, c := range columns {
			row[i] = clean(c.text(item, now))
		}
		return row, nil
	}
}

// EscapeFormula keeps a spreadsheet program from running a text as a formula: it adds an
// apostrophe, which import removes. Numbers, such as telephone numbers, stay as they are for
// scripts.
func EscapeFormula(text string) string {
	rest := strings.TrimLeft(text, "=+-@\t\r＝＋－＠")
	if rest == text || strings.Trim(text[1:], "0123456789") == "" {
		return text
	}
	return "'" + text
}
