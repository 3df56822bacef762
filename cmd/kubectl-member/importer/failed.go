// Package importer carries out import plans and reports the result of each row.
package importer

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/internal/roster"
)

// failedFileName returns where failed rows are written: beside the imported file, under a name that
// no file has yet.
func (o *Options) failedFileName(format roster.Format) string {
	if o.failedFile != "" {
		return o.failedFile
	}
	base := "import"
	if o.File != "-" {
		base = strings.TrimSuffix(o.File, filepath.Ext(o.File))
	}
	name := base + "-failed." + string(format)
	for number := 2; exists(name); number++ {
		name = fmt.Sprintf("%s-failed-%d.%s", base, number, format)
	}
	return name
}

func exists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// keepFailed writes the failed rows, in the format and with the columns of the file, and says how
// to import them.
func (r *run) keepFailed(people []roster.Person) error {
	if len(people) == 0 {
		return nil
	}
	format := r.format
	write := func(w io.Writer) error { return roster.WriteColumns(w, format, r.columns(), people) }
	if r.sheet.ControlHub {
		format = roster.CSV
		write = func(w io.Writer) error { return roster.WriteControlHub(w, people) }
	}
	name := r.options.failedFileName(format)
	err := printer.WriteFile(r.Session, name, string(format), write)
	if err != nil {
		return fmt.Errorf("writing the failed rows: %w", err)
	}
	again := "kubectl member import " + humanize.ShellQuote(name) + r.ConnectionArguments()
	if r.options.mode != string(importplan.ModeAdd) {
		// A sync with these rows alone would delete all other members.
		again += " --mode upsert"
	}
	if r.options.saysServices {
		again += " --services " + r.options.services
	}
	if r.options.allUsers {
		again += " --all-users"
	}
	cli.Say(r.ErrOut, "%s written to %s. Correct the file, and run: %s\n", humanize.Plural(len(people), "failed row", "failed rows"), name, again)
	return nil
}

func (r *run) columns() []roster.Column {
	var columns []roster.Column
	for _, column := range roster.Columns() {
		if _, has := r.sheet.Has[column]; has {
			columns = append(columns, column)
		}
	}
	return columns
}
