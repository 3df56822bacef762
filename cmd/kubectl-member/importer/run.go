package importer

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
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
	"rollcall.dev/rollcall/internal/roster"
)

// run is one import.
type run struct {
	*cli.Session

	options   Options
	cluster   client.WithWatch
	namespace string
	sheet     roster.Sheet
	format    roster.Format
}

// Run imports a sheet. It reads and plans everything before it writes.
func Run(ctx context.Context, s *cli.Session, o Options) error {
	sheet, format, faults, err := readSheet(s, o)
	if err != nil {
		return err
	}
	r := &run{Session: s, options: o, sheet: sheet, format: format}
	if err := r.checkFile(); err != nil {
		return err
	}
	if r.cluster, r.namespace, err = s.Connect(); err != nil {
		r.list(faults)
		return err
	}
	plan, err := r.plan(ctx, faults)
	if err != nil {
		return err
	}
	if o.output == printer.FormatYAML {
		return printer.WriteManifests(s.Out, plan.Manifests)
	}
	if err := r.checkPermission(ctx); err != nil {
		return err
	}
	r.warnOfCenter(ctx)
	if err := r.refuseEmptySync(plan); err != nil {
		return err
	}
	if err := r.confirmDeletions(ctx, plan); err != nil {
		return err
	}
	return r.write(ctx, plan)
}

// checkFile refuses flags that do not apply to this file.
func (r *run) checkFile() error {
	o, sheet := r.options, r.sheet
	switch {
	case sheet.ControlHub || len(sheet.Has) == 0:
		return nil
	case o.saysServices:
		return cli.UsageErrorf("--services applies to files of Webex Control Hub, and %s is none: omit it, and use a column license", sheet.File)
	case o.allUsers:
		return cli.UsageErrorf("--all-users applies to files of Webex Control Hub, and %s is none: omit it, because other files are always imported completely", sheet.File)
	default:
		return nil
	}
}

// plan compares the sheet with the contact center, and prints all faults.
func (r *run) plan(ctx context.Context, faults []roster.Fault) (*importplan.Plan, error) {
	existing, err := query.ReadExisting(ctx, r.cluster, r.namespace, r.sheet)
	if ctx.Err() != nil {
		return nil, cli.Errorf(cli.ExitInterrupted, "interrupted: nothing was written")
	}
	if err != nil {
		r.list(faults)
		return nil, apicall.Explain("", r.namespace, err)
	}
	mode := importplan.Mode(r.options.mode)
	if r.options.output == printer.FormatYAML {
		// Manifests are written for all rows: none is skipped, and no Member is deleted.
		mode = importplan.ModeUpsert
	}
	hub := importplan.ControlHubRules{Services: roster.ServicesMode(r.options.services), AllUsers: r.options.allUsers}
	plan := importplan.New(r.sheet, faults, mode, hub, existing)
	return &plan, r.refuse(&plan)
}

// refuseEmptySync keeps a file without rows from deleting all members.
func (r *run) refuseEmptySync(plan *importplan.Plan) error {
	if len(r.sheet.People) > 0 || len(plan.Deletions) == 0 {
		return nil
	}
	return fmt.Errorf("%s has no rows, so a sync would delete all %d imported members: nothing was written. To delete them, run: kubectl member delete -l %s=%s",
		r.sheet.File, len(plan.Deletions), v1alpha1.ImportedByLabel, v1alpha1.ImportedByValue)
}

// warningsShown is how many warnings about rows are printed. Faults are all printed.
const warningsShown = 20

// readSheet reads the file, and detects its format.
func readSheet(s *cli.Session, o Options) (sheet roster.Sheet, format roster.Format, faults []roster.Fault, err error) {
	from, name := s.In, "stdin"
	if o.File != "-" {
		file, err := os.Open(o.File) // the file that the user names
		if err != nil {
			return sheet, "", nil, fmt.Errorf("opening the file to import: %w", err)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		from, name = file, o.File
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

// list prints all faults, the first warnings about rows, and all warnings about the file.
func (r *run) list(faults []roster.Fault) {
	warnings := 0
	for _, fault := range faults {
		if fault.Warning && fault.Row > 0 {
			if warnings++; warnings > warningsShown {
				continue
			}
		}
		cli.Say(r.ErrOut, "%s\n", fault)
	}
	if more := warnings - warningsShown; more > 0 {
		cli.Say(r.ErrOut, "%s: warning: and %s\n", r.sheet.File, humanize.Plural(more, "more warning", "more warnings"))
	}
}

// refuse prints all faults, and returns an error if one is more than a warning.
func (r *run) refuse(plan *importplan.Plan) error {
	r.list(plan.Faults)
	if count := plan.Faulty(); count > 0 {
		return cli.Errorf(cli.ExitFailed, "%s: %s, nothing was written. Correct the file, and import it again", r.sheet.File, humanize.Plural(count, "fault", "faults"))
	}
	return nil
}

// warnOfCenter warns that new members get no password yet if there is no ContactCenter.
func (r *run) warnOfCenter(ctx context.Context) {
	key := client.ObjectKey{Namespace: r.namespace, Name: v1alpha1.ContactCenterName}
	if apierrors.IsNotFound(r.cluster.Get(ctx, key, &v1alpha1.ContactCenter{})) {
		cli.Say(r.ErrOut, "warning: namespace %s has no ContactCenter. Members get no password until it has one\n", r.namespace)
	}
}

// confirmDeletions lists the members that a sync deletes, and asks. Where it cannot ask, it
// requires --yes.
func (r *run) confirmDeletions(ctx context.Context, plan *importplan.Plan) error {
	if len(plan.Deletions) == 0 {
		return nil
	}
	cli.Say(r.ErrOut, "Imported members of namespace %s that are not in %s:\n", r.namespace, r.sheet.File)
	for _, step := range plan.Deletions {
		cli.Say(r.ErrOut, "  %s (%s)\n", step.Member.Name, step.Member.Spec.Email)
	}
	if r.options.yes || write.DryRun(r.options.dryRun) != write.DryRunNone {
		return nil
	}
	count := humanize.Plural(len(plan.Deletions), "member", "members")
	// Standard input holds the sheet, not the answer.
	if !r.CanAsk || r.options.File == "-" {
		return cli.Errorf(cli.ExitDeclined, "%s would be deleted, and there is no terminal to ask: nothing was written. To delete them, add --yes", count)
	}
	return r.Confirm(ctx, "Delete "+count+" with their passwords, and import the file?")
}
