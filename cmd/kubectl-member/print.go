package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// The output formats.
const (
	asTable = "table"
	asWide  = "wide"
	asName  = "name"
	asYAML  = "yaml"
	asJSON  = "json"
	asCSV   = "csv"
)

// output is how objects are written.
type output struct {
	format    string
	noHeaders bool
}

// addTo adds the flags.
func (o *output) addTo(command *cobra.Command) {
	formats := []string{asTable, asWide, asName, asYAML, asJSON, asCSV}
	command.Flags().StringVarP(&o.format, "output", "o", asTable, "How to write it: "+strings.Join(formats, ", "))
	command.Flags().BoolVar(&o.noHeaders, "no-headers", false, "Leave out the row of headers of table, wide and csv")
	completeFlag(command, "output", formats...)
}

// normalise finds the format that is meant.
func (o *output) normalise() (err error) {
	o.format, err = choose("output", o.format, asTable, asWide, asName, asYAML, asJSON, asCSV)
	return err
}

// isManifest is whether the output is a List, which an empty one is too.
func (o *output) isManifest() bool { return o.format == asYAML || o.format == asJSON }

// writer writes rows, a page at a time. A row is cells, or one text.
type writer interface {
	write(rows [][]string) error
	close() error
}

// printer writes objects. Rendering and writing are apart so that whoever sorts
// keeps no more of an object than what is written of it.
type printer[T any] struct {
	writer

	// render is what is written of an object.
	render func(*T) ([]string, error)
}

// newPrinter makes the printer for a format that normalise has found.
func newPrinter[T any](s *session, k kind[T], o output, allNamespaces bool) printer[T] {
	namespace := func(item *T) string { return k.object(item).GetNamespace() }
	switch o.format {
	case asName:
		return printer[T]{lines{s.Out}, func(item *T) ([]string, error) {
			return []string{k.fullName + "/" + k.object(item).GetName()}, nil
		}}
	case asJSON, asYAML:
		return printer[T]{newList(o.format, s.Out), k.manifest}
	case asCSV:
		columns := k.sheet
		if allNamespaces {
			columns = append([]column[T]{plainly("namespace", namespace)}, columns...)
		}
		to := &sheet{to: csv.NewWriter(s.Out)}
		for _, c := range columns {
			if !o.noHeaders {
				to.headers = append(to.headers, c.title)
			}
		}
		return printer[T]{to, cells(s, columns, unformulated)}
	default:
		columns := k.shown(o.format == asWide)
		if allNamespaces {
			columns = append([]column[T]{plainly("NAMESPACE", namespace)}, columns...)
		}
		to := &table{to: s.Out, bare: o.noHeaders}
		for _, c := range columns {
			head := header{title: c.title}
			if s.colours {
				head.paint = c.paint
			}
			to.headers = append(to.headers, head)
		}
		return printer[T]{to, cells(s, columns, onOneLine)}
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
func cells[T any](s *session, columns []column[T], clean func(string) string) func(*T) ([]string, error) {
	return func(item *T) ([]string, error) {
		now, row := s.now(), make([]string, len(columns))
		for i, c := range columns {
			row[i] = clean(c.text(item, now))
		}
		return row, nil
	}
}

// unformulated keeps a spreadsheet program from running what a person wrote as a
// formula: an apostrophe comes before it, which import takes away. Numbers, such
// as those of telephones, stay as they are for scripts.
func unformulated(text string) string {
	rest := strings.TrimLeft(text, "=+-@\t\r＝＋－＠")
	if rest == text || strings.Trim(text[1:], "0123456789") == "" {
		return text
	}
	return "'" + text
}

// manifest renders an object as JSON, as kubectl does: with its kind, and without
// who wrote which field.
func (k kind[T]) manifest(item *T) ([]string, error) {
	object := k.object(item)
	object.SetManagedFields(nil)
	object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(k.name))
	text, err := json.Marshal(object)
	return []string{string(text)}, err
}
