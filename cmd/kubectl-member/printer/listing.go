package printer

import (
	"bytes"
	"cmp"
	"compress/flate"
	"context"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// The output formats.
const (
	FormatTable = "table"
	FormatWide  = "wide"
	FormatName  = "name"
	FormatYAML  = "yaml"
	FormatJSON  = "json"
	FormatCSV   = "csv"
)

var formats = []string{FormatTable, FormatWide, FormatName, FormatYAML, FormatJSON, FormatCSV}

// Output holds the flags that say how objects are written.
type Output struct {
	Format    string
	NoHeaders bool
}

// AddFlags adds the flags.
func (o *Output) AddFlags(command *cobra.Command) {
	command.Flags().StringVarP(&o.Format, "output", "o", FormatTable, "Output format: "+strings.Join(formats, ", "))
	command.Flags().BoolVar(&o.NoHeaders, "no-headers", false, "Omit the headers of table, wide, and csv")
	cli.CompleteFlag(command, "output", formats...)
}

// Normalize finds the format that is meant.
func (o *Output) Normalize() (err error) {
	o.Format, err = cli.Choose("output", o.Format, formats...)
	return err
}

// isManifest reports whether the output is a List, which an empty one is too.
func (o *Output) isManifest() bool { return o.Format == FormatYAML || o.Format == FormatJSON }

// Listing lists the objects of a kind.
type Listing[T client.Object] struct {
	Output

	query.Resource[T]
	// columns returns the columns of a table. sheet are those of csv.
	columns       func(now time.Time) []column[T]
	sheet         []column[T]
	sortBy        string
	allNamespaces bool
}

// NewMemberListing returns a listing of Members.
func NewMemberListing() *Listing[*v1alpha1.Member] {
	return &Listing[*v1alpha1.Member]{Resource: query.Members, columns: memberColumns, sheet: memberSheet}
}

// NewGroupListing returns a listing of SkillGroups.
func NewGroupListing() *Listing[*v1alpha1.SkillGroup] {
	return &Listing[*v1alpha1.SkillGroup]{Resource: query.SkillGroups, columns: groupColumns, sheet: groupSheet()}
}

// AddFlags adds the flags that all listings have.
func (l *Listing[T]) AddFlags(command *cobra.Command) {
	l.Output.AddFlags(command)
	command.Flags().StringVar(&l.sortBy, "sort-by", "", "Sort by one of: "+strings.Join(l.sortWords(), ", "))
	command.Flags().BoolVarP(&l.allNamespaces, "all-namespaces", "A", false, "List all namespaces")
	cli.CompleteFlag(command, "sort-by", l.sortWords()...)
}

func (l *Listing[T]) sortWords() []string {
	var words []string
	for _, c := range l.columns(time.Time{}) {
		if c.sortBy != "" {
			words = append(words, c.sortBy)
		}
	}
	return words
}

// Run lists the objects that match.
func (l *Listing[T]) Run(ctx context.Context, s *cli.Session, matches func(T) bool, options []client.ListOption) (err error) {
	if err := l.check(); err != nil {
		return err
	}
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	where := " in " + namespace + " namespace"
	if l.allNamespaces {
		namespace, where = metav1.NamespaceAll, ""
	}
	out, sorted, found := l.writer(s), l.sorter(), 0
	render := l.renderer(s.Now())
	err = query.EachPage(ctx, cluster, l.Resource, namespace, func(page []T) error {
		rows, err := renderPage(page, matches, render, sorted)
		if err != nil {
			return err
		}
		found += len(rows)
		if sorted != nil || len(rows) == 0 {
			return nil
		}
		return out.WriteRows(rows)
	}, options...)
	switch {
	case ctx.Err() != nil:
		return cli.Errorf(cli.ExitInterrupted, "interrupted")
	case err != nil:
		return apicall.Explain("", namespace, err)
	case found == 0 && !l.isManifest():
		cli.Say(s.ErrOut, "No %s found%s.\n", l.Plural, where)
	}
	if err := sorted.writeTo(out); err != nil {
		return err
	}
	return out.Close()
}

// check checks the flags.
func (l *Listing[T]) check() (err error) {
	if err := l.Normalize(); err != nil || l.sortBy == "" {
		return err
	}
	l.sortBy, err = cli.Choose("sort-by", l.sortBy, l.sortWords()...)
	return err
}

// renderPage renders the objects of a page that match, and keeps them if they are to be sorted.
func renderPage[T client.Object](page []T, matches func(T) bool, render func(T) ([]string, error), sorted *sorter[T]) ([][]string, error) {
	var rows [][]string
	for _, item := range page {
		if !matches(item) {
			continue
		}
		row, err := render(item)
		if err == nil && sorted != nil {
			err = sorted.add(item, row)
		}
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// shown returns the columns that the format shows.
func (l *Listing[T]) shown(now time.Time) []column[T] {
	title, columns := "namespace", l.sheet
	if l.Format != FormatCSV {
		title = "NAMESPACE"
		columns = slices.DeleteFunc(l.columns(now), func(c column[T]) bool { return c.title == "" || c.wide && l.Format != FormatWide })
	}
	if l.allNamespaces {
		columns = slices.Insert(slices.Clone(columns), 0, column[T]{title: title, text: func(item T) string { return item.GetNamespace() }})
	}
	return columns
}

// writer returns the writer of rows in the requested format.
func (l *Listing[T]) writer(s *cli.Session) RowWriter {
	switch l.Format {
	case FormatName:
		return &tableWriter{to: s.Out, headers: make([]header, 1), noHeaders: true}
	case FormatJSON, FormatYAML:
		return NewList(l.Format, s.Out)
	}
	var titles []string
	table := &tableWriter{to: s.Out, noHeaders: l.NoHeaders}
	for _, c := range l.shown(time.Time{}) {
		head := header{title: c.title}
		if s.Colors {
			head.color = c.color
		}
		table.headers = append(table.headers, head)
		titles = append(titles, c.title)
	}
	if l.Format != FormatCSV {
		return table
	}
	if l.NoHeaders {
		titles = nil
	}
	return NewCSV(s.Out, titles)
}

// renderer returns the function that makes the row of an object. Rendering and writing are separate,
// so that a sorter keeps only what is written.
func (l *Listing[T]) renderer(now time.Time) func(T) ([]string, error) {
	switch l.Format {
	case FormatName:
		return func(item T) ([]string, error) { return []string{l.FullName() + "/" + item.GetName()}, nil }
	case FormatJSON, FormatYAML:
		return func(item T) ([]string, error) { return Manifest(item, l.Kind) }
	}
	columns, clean := l.shown(now), humanize.OneLine
	if l.Format == FormatCSV {
		clean = EscapeFormula
	}
	return func(item T) ([]string, error) {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = clean(c.text(item))
		}
		return row, nil
	}
}

// Manifest renders an object as JSON, as kubectl does: with its kind and without managed fields.
func Manifest(object client.Object, kind string) ([]string, error) {
	object.SetManagedFields(nil)
	object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	text, err := json.Marshal(object)
	return []string{string(text)}, err
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

// sorter keeps the rows of objects until all are known.
type sorter[T client.Object] struct {
	by column[T]
	// packer compresses rows. It may be nil.
	packer *packer
	rows   []sortedRow
}

// sortedRow is the row of an object, with its key.
type sortedRow struct {
	key string
	row []string
}

// sorter returns nil if nothing is sorted.
func (l *Listing[T]) sorter() *sorter[T] {
	if l.sortBy == "" {
		return nil
	}
	columns := l.columns(time.Time{})
	sorted := &sorter[T]{by: columns[slices.IndexFunc(columns, func(c column[T]) bool { return c.sortBy == l.sortBy })]}
	if l.isManifest() {
		sorted.packer = &packer{}
	}
	return sorted
}

func (s *sorter[T]) add(item T, row []string) (err error) {
	if s.packer != nil {
		if row[0], err = s.packer.pack(row[0]); err != nil {
			return err
		}
	}
	key := s.by.text(item)
	if s.by.key != nil {
		key = s.by.key(key)
	}
	s.rows = append(s.rows, sortedRow{key, row})
	return nil
}

// writeTo writes the rows in order; rows with equal keys stay sorted by name. Packed rows are
// written one by one, other rows at once, because all of them decide the widths of a table.
func (s *sorter[T]) writeTo(out RowWriter) error {
	if s == nil {
		return nil
	}
	slices.SortStableFunc(s.rows, func(a, b sortedRow) int { return cmp.Compare(a.key, b.key) })
	var rows [][]string
	for _, kept := range s.rows {
		if s.packer == nil {
			rows = append(rows, kept.row)
			continue
		}
		text, err := s.packer.unpack(kept.row[0])
		if err != nil {
			return err
		}
		if err := out.WriteRows([][]string{{text}}); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return out.WriteRows(rows)
}

// packer compresses similar texts with DEFLATE (RFC 1951), with the first text as the dictionary.
// Manifests of members shrink to a tenth.
type packer struct {
	dictionary []byte
	to         *flate.Writer
	buffer     bytes.Buffer
}

func (p *packer) pack(text string) (packed string, err error) {
	if p.to == nil {
		p.dictionary = []byte(text)
		// Only slower levels support a dictionary.
		if p.to, err = flate.NewWriterDict(&p.buffer, flate.DefaultCompression, p.dictionary); err != nil {
			return "", err
		}
	}
	p.buffer.Reset()
	p.to.Reset(&p.buffer)
	if _, err := io.WriteString(p.to, text); err != nil {
		return "", err
	}
	err = p.to.Close()
	return p.buffer.String(), err
}

func (p *packer) unpack(packed string) (string, error) {
	text, err := io.ReadAll(flate.NewReaderDict(strings.NewReader(packed), p.dictionary))
	return string(text), err
}
