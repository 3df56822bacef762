package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// importOptions are the flags of `kubectl member import`.
type importOptions struct {
	file          string
	mode          string
	services      string
	saysServices  bool
	allUsers      bool
	dryRun        string
	output        string
	failedFile    string
	ignoreUnknown bool
	yes           bool
	wait          bool
	timeout       time.Duration
	concurrency   int
}

// newImportCommand is `kubectl member import`.
func newImportCommand(s *session) *cobra.Command {
	var o importOptions
	command := &cobra.Command{
		Use:   "import FILE|-",
		Short: "Add and change many members from a csv file or an xlsx workbook",
		Long: `Add and change many members from a csv file or an xlsx workbook, of which
kubectl member template writes a template; - reads standard input.

All rows are checked before anything is written. If one is at fault, all faults are
listed as file:row:column, and nothing is written. A row is about the member with
its e-mail address, in any case and under any name; without one it is a new member.

--mode add       adds new members, and leaves those who exist as they are
--mode upsert    also changes those who exist: only fields whose column the file has.
                 An empty cell removes the field; e-mail address and agent ID stay.
--mode sync      also deletes members whom an import has made and the file lacks.
                 It shows them, and asks.

A csv file of the users of Webex Control Hub is known by its header. Of it, names,
e-mail addresses and the two services of Webex Contact Center are read, which are
licences here: an empty cell says nothing, and leaves a new member's to the
MemberTemplates; TRUE for both is Premium. New people with FALSE and no TRUE there
are left out: they use other services of Webex.

--services add         TRUE gives a licence, FALSE changes nothing
--services add-remove  FALSE also takes one; FALSE for both is spec.license: None
--all-users            adds also those who have no service there

Importing the same file again changes nothing and mails nobody, so an import that
was interrupted goes on where it was.`,
		Example: `  # From the template to new members
  kubectl member template -f members.xlsx
  kubectl member import members.xlsx --dry-run=server
  kubectl member import members.xlsx --wait

  # Change what the file says otherwise
  kubectl member import members.csv --mode upsert

  # From Webex Control Hub, with the licences as they are there
  kubectl member import exported_users.csv --mode upsert --services add-remove

  # Manifests for Git
  kubectl member import members.csv -o yaml > members.yaml`,
		Args: oneFile,
		RunE: func(command *cobra.Command, arguments []string) error {
			o.file = arguments[0]
			if err := o.check(command); err != nil {
				return err
			}
			return s.importSheet(command.Context(), o)
		},
	}
	o.addTo(command)
	return command
}

// oneFile wants one argument.
func oneFile(command *cobra.Command, arguments []string) error {
	switch {
	case len(arguments) == 1:
		return nil
	case command.Flags().Changed("dry-run"):
		return usage("name one file, or - for standard input, and write --dry-run=server with =: see kubectl member import --help")
	default:
		return usage("name one file, or - for standard input: see kubectl member import --help")
	}
}

// addTo adds the flags.
func (o *importOptions) addTo(command *cobra.Command) {
	const atATime, patience = 16, 10 * time.Minute
	flags := command.Flags()
	flags.StringVar(&o.mode, "mode", string(modeAdd), "What is done with members who exist: add leaves them as they are, upsert changes them, sync changes them and deletes those whom an import has made and the file lacks")
	flags.StringVar(&o.services, "services", string(roster.AddServices), "What FALSE says in the service columns of a file of Webex Control Hub: add: nothing, add-remove: it takes the licence")
	flags.BoolVar(&o.allUsers, "all-users", false, "Add also those of a file of Webex Control Hub who have no service of Webex Contact Center there")
	addDryRunFlag(command, &o.dryRun)
	flags.StringVarP(&o.output, "output", "o", "", "Write manifests for Git instead of applying: yaml")
	flags.BoolVar(&o.ignoreUnknown, "ignore-unknown-columns", false, "Leave out columns that are not known, instead of refusing the file")
	flags.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before members are deleted")
	flags.BoolVar(&o.wait, "wait", false, "Wait until all members who were added and changed are Ready, and those deleted gone")
	flags.DurationVar(&o.timeout, "timeout", patience, "How long to --wait, for example 30s or 5m")
	flags.IntVar(&o.concurrency, "concurrency", atATime, "How many members are written at the same time, 1 to 256")
	flags.StringVar(&o.failedFile, "failed-file", "", "The file for rows that could not be written; by default beside FILE, with -failed after its name")
	completeFlag(command, "mode", string(modeAdd), string(modeUpsert), string(modeSync))
	completeFlag(command, "services", string(roster.AddServices), string(roster.AddRemoveServices))
	completeFlag(command, "output", asYAML)
}

// check refuses flags that make no sense, before anything is read.
func (o *importOptions) check(command *cobra.Command) (err error) {
	const most = 256
	shared := changeOptions{dryRun: o.dryRun, output: o.output, wait: o.wait, timeout: o.timeout}
	if err := shared.check(command); err != nil {
		return err
	}
	if o.mode, err = choose("mode", o.mode, string(modeAdd), string(modeUpsert), string(modeSync)); err != nil {
		return err
	}
	if o.services, err = choose("services", o.services, string(roster.AddServices), string(roster.AddRemoveServices)); err != nil {
		return err
	}
	o.saysServices = command.Flags().Changed("services")
	switch {
	case o.output != "" && o.output != asYAML:
		return usage("invalid --output value %q: must be yaml", o.output)
	case o.concurrency < 1 || o.concurrency > most:
		return usage("--concurrency %d: must be 1 to %d", o.concurrency, most)
	case o.failedFile != "" && o.failedFile == o.file:
		return usage("--failed-file %s is the file to import: name another one", o.failedFile)
	case o.file == "":
		return usage("an empty file name: name a file, or - for standard input")
	}
	return nil
}

// importRun is one import.
type importRun struct {
	*session

	options   importOptions
	cluster   client.WithWatch
	namespace string
	sheet     roster.Sheet
	format    roster.Format
}

// importSheet imports a sheet: it reads, plans, and only then writes.
func (s *session) importSheet(ctx context.Context, o importOptions) error {
	sheet, format, faults, err := s.readSheet(o)
	if err != nil {
		return err
	}
	r := &importRun{session: s, options: o, sheet: sheet, format: format}
	if err := r.checkFile(); err != nil {
		return err
	}
	if r.cluster, r.namespace, err = s.connect(); err != nil {
		r.list(faults)
		return err
	}
	plan, err := r.plan(ctx, faults)
	if err != nil {
		return err
	}
	if o.output == asYAML {
		return writeManifests(s.Out, plan.manifests)
	}
	if err := r.mayImport(ctx); err != nil {
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

// checkFile refuses flags that are not for this file.
func (r *importRun) checkFile() error {
	o, sheet := r.options, r.sheet
	switch {
	case sheet.ControlHub || len(sheet.Has) == 0:
		return nil
	case o.saysServices:
		return usage("--services is for files of Webex Control Hub, and %s is none: leave it out; a column license says which licence members have", sheet.File)
	case o.allUsers:
		return usage("--all-users is for files of Webex Control Hub, and %s is none: leave it out; all people of other files are added", sheet.File)
	default:
		return nil
	}
}

// plan compares the sheet with the contact centre, and lists what is wrong.
func (r *importRun) plan(ctx context.Context, faults []roster.Fault) (*importPlan, error) {
	existing, err := readExisting(ctx, r.cluster, r.namespace, r.sheet)
	if ctx.Err() != nil {
		return nil, withCode(exitInterrupted, "interrupted: nothing was written")
	}
	if err != nil {
		r.list(faults)
		return nil, explained("", r.namespace, err)
	}
	mode := importMode(r.options.mode)
	if r.options.output == asYAML {
		// The manifests say what all rows say: nobody is skipped or deleted.
		mode = modeUpsert
	}
	hub := controlHubRules{services: roster.ServicesMode(r.options.services), allUsers: r.options.allUsers}
	plan := planImport(r.sheet, faults, mode, hub, existing)
	return &plan, r.refuse(&plan)
}

// refuseEmptySync keeps a file without rows from deleting everybody.
func (r *importRun) refuseEmptySync(plan *importPlan) error {
	if len(r.sheet.People) > 0 || len(plan.deletions) == 0 {
		return nil
	}
	return fmt.Errorf("%s has no rows, so a sync would delete all %d members who were imported: nothing was written; if that is meant, use kubectl member delete -l %s=%s",
		r.sheet.File, len(plan.deletions), v1alpha1.ImportedByLabel, v1alpha1.ImportedByValue)
}
