package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func TestAnUnknownVerbIsAWrongCommandLine(t *testing.T) {
	t.Parallel()
	for arguments, want := range map[string]string{
		"force-ofline ana":                  `error: kubectl member has no command "force-ofline": did you mean force-offline? run kubectl member --help`,
		"--namespace desk force-ofline ana": `error: kubectl member has no command "force-ofline": did you mean force-offline? run kubectl member --help`,
		"force-ofline ana --reason lost":    `error: kubectl member has no command "force-ofline": did you mean force-offline? run kubectl member --help`,
		"re":                                `error: kubectl member has no command "re": did you mean reset-password or restore-online? run kubectl member --help`,
		"promote ana":                       `error: kubectl member has no command "promote": run kubectl member --help`,
		"completion powershel":              `error: kubectl member completion has no command "powershel": did you mean powershell? run kubectl member completion --help`,
		"--reason lost":                     `error: unknown flag: --reason. Run: kubectl member --help`,
		"list ana":                          `error: kubectl member list takes no arguments, but got "ana". Run: kubectl member list --help`,
	} {
		var out, errOut bytes.Buffer
		s := cli.NewSession(genericiooptions.IOStreams{Out: &out, ErrOut: &errOut}, time.Now) //nolint:forbidigo // it is not asked for the time
		if code := run(t.Context(), s, strings.Split(arguments, " ")); code != cli.ExitUsage || out.Len() > 0 || errOut.String() != want+"\n" {
			t.Errorf("%s: exit code %d, %s%s", arguments, code, out.String(), errOut.String())
		}
	}
	for _, arguments := range [][]string{{}, {"completion"}, {"help"}} {
		var out bytes.Buffer
		s := cli.NewSession(genericiooptions.IOStreams{Out: &out, ErrOut: &out}, time.Now) //nolint:forbidigo // it is not asked for the time
		if code := run(t.Context(), s, arguments); code != cli.ExitDone || !strings.Contains(out.String(), "Available Commands:") {
			t.Errorf("%v: exit code %d, %s", arguments, code, out.String())
		}
	}
}
