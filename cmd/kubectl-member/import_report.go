package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// warningsShown is how many warnings of a sheet are listed; faults are all.
const warningsShown = 20

// readSheet reads the file, and sees which format it has.
func (s *session) readSheet(o importOptions) (sheet roster.Sheet, format roster.Format, faults []roster.Fault, err error) {
	from, name := s.In, "stdin"
	if o.file != "-" {
		file, err := os.Open(o.file) // the file that the user names
		if err != nil {
			return sheet, "", nil, fmt.Errorf("opening the file to import: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from, name = file, o.file
	}
	buffered := bufio.NewReader(from)
	format = roster.CSV
	// A workbook is a zip archive.
	if begin, err := buffered.Peek(2); err == nil && bytes.Equal(begin, []byte("PK")) {
		format = roster.XLSX
	}
	sheet, faults, err = roster.Read(buffered, name, roster.ReadOptions{IgnoreUnknownColumns: o.ignoreUnknown})
	return sheet, format, faults, err
}

// list writes all faults, the first of the warnings of rows, and all warnings of the
// file as a whole.
func (r *importRun) list(faults []roster.Fault) {
	warnings := 0
	for _, fault := range faults {
		if fault.Warning && fault.Row > 0 {
			if warnings++; warnings > warningsShown {
				continue
			}
		}
		say(r.ErrOut, "%s\n", fault)
	}
	if more := warnings - warningsShown; more > 0 {
		say(r.ErrOut, "%s: warning: and %s\n", r.sheet.File, plural(more, "more warning", "more warnings"))
	}
}

// refuse lists what is wrong, and refuses to go on if something is.
func (r *importRun) refuse(plan *importPlan) error {
	r.list(plan.faults)
	if count := plan.faulty(); count > 0 {
		return withCode(exitFailed, "%s: %s, nothing was written: correct the file, and import it again", r.sheet.File, plural(count, "fault", "faults"))
	}
	return nil
}

// warnOfCenter says that new members get no password yet where that is so.
func (r *importRun) warnOfCenter(ctx context.Context) {
	key := client.ObjectKey{Namespace: r.namespace, Name: v1alpha1.ContactCenterName}
	if apierrors.IsNotFound(r.cluster.Get(ctx, key, &v1alpha1.ContactCenter{})) {
		say(r.ErrOut, "warning: namespace %s has no ContactCenter: members get no password until it has one\n", r.namespace)
	}
}

// confirmDeletions shows whom a sync deletes, and asks. Where nobody can be asked,
// nobody is deleted without --yes.
func (r *importRun) confirmDeletions(ctx context.Context, plan *importPlan) error {
	if len(plan.deletions) == 0 {
		return nil
	}
	say(r.ErrOut, "In namespace %s, imported before, and not in %s:\n", r.namespace, r.sheet.File)
	for _, step := range plan.deletions {
		say(r.ErrOut, "  %s (%s)\n", step.member.Name, step.member.Spec.Email)
	}
	if r.options.yes || dryRun(r.options.dryRun) != dryRunNone {
		return nil
	}
	many := plural(len(plan.deletions), "member", "members")
	// What is read from standard input cannot be answered on it.
	if !r.asks || r.options.file == "-" {
		return withCode(exitDeclined, "%s would be deleted, and nobody can be asked: nothing was written; add --yes to delete them", many)
	}
	return r.confirm(ctx, "Delete "+many+" with their passwords, and import the file?")
}
