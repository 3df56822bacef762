package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"

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
	switch options.output {
	case asJSON:
		r.list = &jsonList{to: s.Out}
	case asYAML:
		r.list = &yamlList{to: s.Out}
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
	var text bytes.Buffer
	if format == asJSON {
		if err := json.Indent(&text, []byte(cells[0]), "", "    "); err != nil {
			return err
		}
		text.WriteByte('\n')
	} else {
		document, err := yaml.JSONToYAML([]byte(cells[0]))
		if err != nil {
			return err
		}
		text.Write(document)
	}
	_, err = to.Write(text.Bytes())
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
