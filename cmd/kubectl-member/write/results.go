package write

import (
	"fmt"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

// results writes what was done, as --output requests.
type results struct {
	*cli.Session

	options Options
	list    printer.RowWriter
	single  bool
	problem error
}

// newResults returns the writer of results for a number of members.
func newResults(s *cli.Session, options Options, count int) *results {
	r := &results{Session: s, options: options, single: count == 1}
	if options.Output == printer.FormatJSON || options.Output == printer.FormatYAML {
		r.list = printer.NewList(options.Output, s.Out)
	}
	return r
}

// add writes one result.
func (r *results) add(done result) {
	switch {
	case r.options.Output == "":
		cli.Say(r.Out, "member.rollcall.dev/%s %s%s\n", done.member.Name, done.did, Suffix(DryRun(r.options.DryRun)))
	case r.options.Output == printer.FormatName:
		cli.Say(r.Out, "member.rollcall.dev/%s\n", done.member.Name)
	case r.problem != nil:
	case r.single:
		r.problem = printer.WriteManifest(r.Out, r.options.Output, &done.member)
	default:
		var cells []string
		if cells, r.problem = printer.Members().Manifest(&done.member); r.problem == nil {
			r.problem = r.list.WriteRows([][]string{cells})
		}
	}
}

// close ends the output.
func (r *results) close() error {
	if r.list != nil && !r.single && r.problem == nil {
		r.problem = r.list.Close()
	}
	if r.problem != nil {
		return fmt.Errorf("writing the output: %w", r.problem)
	}
	return nil
}

// Suffix marks lines of a dry run, as kubectl does.
func Suffix(mode DryRun) string {
	switch mode {
	case DryRunClient:
		return " (dry run)"
	case DryRunServer:
		return " (server dry run)"
	case DryRunNone:
		return ""
	default:
		return ""
	}
}
