package importer

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
	"rollcall.dev/rollcall/internal/roster"
)

// Options are the flags of `kubectl member import`.
type Options struct {
	File          string
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

// AddFlags adds the flags.
func (o *Options) AddFlags(command *cobra.Command) {
	const atATime, patience = 16, 10 * time.Minute
	flags := command.Flags()
	flags.StringVar(&o.mode, "mode", string(importplan.ModeAdd), "What to do with existing members: add keeps them, upsert changes them, sync changes them and deletes imported members that are not in the file")
	flags.StringVar(&o.services, "services", string(roster.AddServices), "Meaning of FALSE in the service columns of a file of Webex Control Hub: add changes nothing, add-remove removes the license")
	flags.BoolVar(&o.allUsers, "all-users", false, "Add also people of a file of Webex Control Hub who have no service of Webex Contact Center")
	write.AddDryRunFlag(command, &o.dryRun)
	flags.StringVarP(&o.output, "output", "o", "", "Write manifests for Git instead of applying: yaml")
	flags.BoolVar(&o.ignoreUnknown, "ignore-unknown-columns", false, "Ignore unknown columns instead of refusing the file")
	flags.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before members are deleted")
	flags.BoolVar(&o.wait, "wait", false, "Wait until added and changed members are Ready and deleted members are gone")
	flags.DurationVar(&o.timeout, "timeout", patience, "How long to --wait, for example 30s or 5m")
	flags.IntVar(&o.concurrency, "concurrency", atATime, "How many members to write at the same time, 1 to 256")
	flags.StringVar(&o.failedFile, "failed-file", "", "The file for failed rows; by default FILE with -failed added to its name")
	cli.CompleteFlag(command, "mode", string(importplan.ModeAdd), string(importplan.ModeUpsert), string(importplan.ModeSync))
	cli.CompleteFlag(command, "services", string(roster.AddServices), string(roster.AddRemoveServices))
	cli.CompleteFlag(command, "output", printer.FormatYAML)
}

// Check refuses invalid flags before anything is read.
func (o *Options) Check(command *cobra.Command) (err error) {
	const most = 256
	shared := write.Options{DryRun: o.dryRun, Output: o.output, Wait: o.wait, Timeout: o.timeout}
	if err := shared.Check(command); err != nil {
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
	case o.output != "" && o.output != printer.FormatYAML:
		return cli.UsageErrorf("invalid --output value %q: must be yaml", o.output)
	case o.concurrency < 1 || o.concurrency > most:
		return cli.UsageErrorf("--concurrency %d: must be 1 to %d", o.concurrency, most)
	case o.failedFile != "" && o.failedFile == o.File:
		return cli.UsageErrorf("--failed-file %s is the file to import: use another one", o.failedFile)
	case o.File == "":
		return cli.UsageErrorf("the file name is empty: give a file, or - for standard input")
	}
	return nil
}
