package main

import (
	"fmt"
	"io"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// results writes what was done, as --output asks for.
type results struct {
	*session

	options changeOptions
	list    writer
	single  bool
	problem error
}

// newResults makes the writer of results for a number of members.
func (s *session) newResults(options changeOptions, count int) *results {
	r := &results{session: s, options: options, single: count == 1}
	if options.output == asJSON || options.output == asYAML {
		r.list = newList(options.output, s.Out)
	}
	return r
}

// add writes one result.
func (r *results) add(done result) {
	switch {
	case r.options.output == "":
		say(r.Out, "member.rollcall.dev/%s %s%s\n", done.member.Name, done.did, suffix(dryRun(r.options.dryRun)))
	case r.options.output == asName:
		say(r.Out, "member.rollcall.dev/%s\n", done.member.Name)
	case r.problem != nil:
	case r.single:
		r.problem = writeManifest(r.Out, r.options.output, &done.member)
	default:
		var cells []string
		if cells, r.problem = members().manifest(&done.member); r.problem == nil {
			r.problem = r.list.write([][]string{cells})
		}
	}
}

// close ends the output.
func (r *results) close() error {
	if r.list != nil && !r.single && r.problem == nil {
		r.problem = r.list.close()
	}
	if r.problem != nil {
		return fmt.Errorf("writing the output: %w", r.problem)
	}
	return nil
}

// writeManifest writes one Member.
func writeManifest(to io.Writer, format string, member *v1alpha1.Member) error {
	cells, err := members().manifest(member)
	if err != nil {
		return err
	}
	text, err := formatted(cells[0], format)
	if err != nil {
		return err
	}
	_, err = io.WriteString(to, text)
	return err
}

// suffix says after each line that nothing was kept, as kubectl does.
func suffix(mode dryRun) string {
	switch mode {
	case dryRunClient:
		return " (dry run)"
	case dryRunServer:
		return " (server dry run)"
	case dryRunNone:
		return ""
	default:
		return ""
	}
}
