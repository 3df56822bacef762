// Package importer carries out import plans and reports the result of each row.
package importer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	authorizationv1 "k8s.io/api/authorization/v1"
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

// Options are the flags of `kubectl member import`.
type Options struct {
	write.Options

	File          string
	mode          string
	services      string
	saysServices  bool
	allUsers      bool
	failedFile    string
	ignoreUnknown bool
	concurrency   int
}

// AddFlags adds the flags.
func (o *Options) AddFlags(command *cobra.Command) {
	const atATime, patience = 16, 10 * time.Minute
	flags := command.Flags()
	flags.StringVar(&o.mode, "mode", string(importplan.ModeAdd), "What to do with existing members: add keeps them, upsert changes them, sync changes them and deletes imported members that are not in the file")
	flags.StringVar(&o.services, "services", string(roster.AddServices), "Meaning of FALSE in the service columns of a file of Webex Control Hub: add changes nothing, add-remove removes the license")
	flags.BoolVar(&o.allUsers, "all-users", false, "Add also people of a file of Webex Control Hub who have no service of Webex Contact Center")
	flags.StringVarP(&o.Output, "output", "o", "", "Write manifests for Git instead of applying: yaml")
	flags.BoolVar(&o.ignoreUnknown, "ignore-unknown-columns", false, "Ignore unknown columns instead of refusing the file")
	flags.BoolVarP(&o.Yes, "yes", "y", false, "Do not ask before members are deleted")
	flags.IntVar(&o.concurrency, "concurrency", atATime, "How many members to write at the same time, 1 to 256")
	flags.StringVar(&o.failedFile, "failed-file", "", "The file for failed rows; by default FILE with -failed added to its name")
	cli.CompleteFlag(command, "mode", string(importplan.ModeAdd), string(importplan.ModeUpsert), string(importplan.ModeSync))
	cli.CompleteFlag(command, "services", string(roster.AddServices), string(roster.AddRemoveServices))
	cli.CompleteFlag(command, "output", printer.FormatYAML)
	o.AddSharedFlags(command, "added and changed members are Ready and deleted members are gone", patience)
}

// Check refuses invalid flags before anything is read.
func (o *Options) Check(command *cobra.Command) (err error) {
	const most = 256
	if err := o.Options.Check(command); err != nil {
		return err
	}
	if o.mode, err = cli.Choose("mode", o.mode, string(importplan.ModeAdd), string(importplan.ModeUpsert), string(importplan.ModeSync)); err != nil {
		return err
	}
	if o.services, err = cli.Choose("services", o.services, string(roster.AddServices), string(roster.AddRemoveServices)); err != nil {
		return err
	}
	o.saysServices = command.Flags().Changed("services")
	switch {
	case o.Output != "" && o.Output != printer.FormatYAML:
		return cli.UsageErrorf("invalid --output value %q: must be yaml", o.Output)
	case o.concurrency < 1 || o.concurrency > most:
		return cli.UsageErrorf("--concurrency %d: must be 1 to %d", o.concurrency, most)
	case o.failedFile != "" && o.failedFile == o.File:
		return cli.UsageErrorf("--failed-file %s is the file to import: use another one", o.failedFile)
	case o.File == "":
		return cli.UsageErrorf("the file name is empty: give a file, or - for standard input")
	}
	return nil
}

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
	if o.Output == printer.FormatYAML {
		return printer.WriteManifests(s.Out, plan.Manifests)
	}
	if err := r.checkPermission(ctx); err != nil {
		return err
	}
	r.warnOfCenter(ctx)
	if err := r.confirmDeletions(ctx, plan); err != nil {
		return err
	}
	return r.write(ctx, plan)
}

// checkFile refuses flags that do not apply to this file.
func (r *run) checkFile() error {
	switch file := r.sheet.File; {
	case r.sheet.ControlHub || len(r.sheet.Has) == 0:
		return nil
	case r.options.saysServices:
		return cli.UsageErrorf("--services applies to files of Webex Control Hub, and %s is none: omit it, and use a column license", file)
	case r.options.allUsers:
		return cli.UsageErrorf("--all-users applies to files of Webex Control Hub, and %s is none: omit it, because other files are always imported completely", file)
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
	if r.options.Output == printer.FormatYAML {
		// Manifests are written for all rows: none is skipped, and no Member is deleted.
		mode = importplan.ModeUpsert
	}
	hub := importplan.ControlHubRules{Services: roster.ServicesMode(r.options.services), AllUsers: r.options.allUsers}
	plan := importplan.New(r.sheet, faults, mode, hub, existing)
	r.list(plan.Faults)
	if count := plan.Faulty(); count > 0 {
		return nil, cli.Errorf(cli.ExitFailed, "%s: %s, nothing was written. Correct the file, and import it again", r.sheet.File, humanize.Plural(count, "fault", "faults"))
	}
	return &plan, nil
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

// warnOfCenter warns that new members get no password yet if there is no ContactCenter.
func (r *run) warnOfCenter(ctx context.Context) {
	key := client.ObjectKey{Namespace: r.namespace, Name: v1alpha1.ContactCenterName}
	if apierrors.IsNotFound(r.cluster.Get(ctx, key, &v1alpha1.ContactCenter{})) {
		cli.Say(r.ErrOut, "warning: namespace %s has no ContactCenter. Members get no password until it has one\n", r.namespace)
	}
}

// confirmDeletions lists the members that a sync deletes, and asks. Where it cannot ask, it
// requires --yes. It keeps a file without rows from deleting all members.
func (r *run) confirmDeletions(ctx context.Context, plan *importplan.Plan) error {
	switch {
	case len(plan.Deletions) == 0:
		return nil
	case len(r.sheet.People) == 0:
		return fmt.Errorf("%s has no rows, so a sync would delete all %d imported members: nothing was written. To delete them, run: kubectl member delete -l %s=%s",
			r.sheet.File, len(plan.Deletions), v1alpha1.ImportedByLabel, v1alpha1.ImportedByValue)
	}
	cli.Say(r.ErrOut, "Imported members of namespace %s that are not in %s:\n", r.namespace, r.sheet.File)
	for _, step := range plan.Deletions {
		cli.Say(r.ErrOut, "  %s (%s)\n", step.Member.Name, step.Member.Spec.Email)
	}
	if r.options.Yes || r.options.DryRun != write.DryRunNone {
		return nil
	}
	count := humanize.Plural(len(plan.Deletions), "member", "members")
	// Standard input holds the sheet, not the answer.
	if !r.CanAsk || r.options.File == "-" {
		return cli.Errorf(cli.ExitDeclined, "%s would be deleted, and there is no terminal to ask: nothing was written. To delete them, add --yes", count)
	}
	return r.Confirm(ctx, "Delete "+count+" with their passwords, and import the file?")
}

// checkPermission refuses an import early if the user's profile lacks the action Import. If the
// permission is unknown, the API server decides on each row.
func (r *run) checkPermission(ctx context.Context) error {
	imports, err := r.may(ctx, v1alpha1.VerbImport)
	if err != nil || imports {
		return nil //nolint:nilerr // the API server is left to say so
	}
	if limited, err := r.may(ctx, v1alpha1.VerbLimited); err != nil || !limited {
		return nil //nolint:nilerr // as above
	}
	return cli.Errorf(cli.ExitFailed, "you are not allowed to import members into namespace %s: your user profile lacks the action Import. Nothing was written. Ask an administrator for a profile with that action", r.namespace)
}

// may reports whether the user may use a verb on members.
func (r *run) may(ctx context.Context, verb string) (bool, error) {
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Namespace: r.namespace, Verb: verb, Group: v1alpha1.GroupVersion.Group, Resource: "members",
		},
	}}
	err := r.cluster.Create(ctx, review)
	return review.Status.Allowed, err
}
