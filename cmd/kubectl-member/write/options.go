package write

import (
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

// Options are the flags of all verbs that change members.
type Options struct {
	DryRun  string
	Output  string
	yes     bool
	Wait    bool
	Timeout time.Duration
}

// AddFlags adds the flags. Only a verb for several members asks.
func (o *Options) AddFlags(command *cobra.Command, waitsFor string, asks bool) {
	flags := command.Flags()
	AddDryRunFlag(command, &o.DryRun)
	flags.StringVarP(&o.Output, "output", "o", "", "Output format instead of a line for each member: name, yaml, json")
	flags.BoolVar(&o.Wait, "wait", false, "Wait until "+waitsFor)
	flags.DurationVar(&o.Timeout, "timeout", time.Minute, "How long to --wait, for example 30s or 5m")
	if asks {
		flags.BoolVarP(&o.yes, "yes", "y", false, "Do not ask before several members are changed")
	}
	cli.CompleteFlag(command, "output", printer.FormatName, printer.FormatYAML, printer.FormatJSON)
}

// AddDryRunFlag adds --dry-run, which means client without a value.
func AddDryRunFlag(command *cobra.Command, mode *string) {
	flags := command.Flags()
	flags.StringVar(mode, "dry-run", string(DryRunNone), `Must be "none", "server", or "client", after an equals sign. client, the default without a value, only prints what would be requested. server makes the API server check the change without saving it`)
	flags.Lookup("dry-run").NoOptDefVal = string(DryRunClient)
	cli.CompleteFlag(command, "dry-run", string(DryRunNone), string(DryRunClient), string(DryRunServer))
}

// Check refuses invalid flags before anything is read.
func (o *Options) Check(command *cobra.Command) error {
	switch DryRun(o.DryRun) {
	case DryRunNone, DryRunClient, DryRunServer:
	default:
		return cli.UsageErrorf(`invalid --dry-run value %q: must be "none", "server", or "client"`, o.DryRun)
	}
	switch o.Output {
	case "", printer.FormatName, printer.FormatYAML, printer.FormatJSON:
	default:
		return cli.UsageErrorf("invalid --output value %q: must be name, yaml, or json", o.Output)
	}
	switch {
	case command.Flags().Changed("timeout") && !o.Wait:
		return cli.UsageErrorf("--timeout needs --wait: add --wait, or omit --timeout")
	case o.Wait && o.Timeout <= 0:
		return cli.UsageErrorf("--timeout %s: must be greater than zero, for example 1m", o.Timeout)
	}
	return nil
}
