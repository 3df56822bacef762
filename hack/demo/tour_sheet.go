package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"rollcall.dev/rollcall/test/testenv"
)

// importedMembers are the Member names of the people in people.csv, made from agent IDs.
var importedMembers = []string{"a-2001", "a-2002", "a-2003"}

// importSheet imports the rows of a sheet with the plug-in `kubectl member` twice. The
// second import changes nothing.
func (d *demo) importSheet(ctx context.Context, _ *state) error {
	sheet := d.fromHere("hack", "demo", "people.csv")
	if err := testenv.Build(ctx, filepath.Join(d.dir, "kubectl-member"), "./cmd/kubectl-member", nil); err != nil {
		return err
	}
	if _, err := d.member(ctx, "import", sheet, "--wait"); err != nil {
		return err
	}
	for _, name := range importedMembers {
		if err := d.waitFor(ctx, name, "Ready", isReady); err != nil {
			return err
		}
	}
	again, err := d.member(ctx, "import", sheet)
	if err != nil {
		return err
	}
	if _, err := d.member(ctx, "list", "--group", "online-help"); err != nil {
		return err
	}
	var mails int
	for _, address := range []string{"noor@example.com", "min@example.com", "tomas@example.com"} {
		mails += len(d.mail.to(address))
	}
	return expect(
		expectation{"the second import changes nothing", strings.Contains(again, fmt.Sprintf("%d unchanged", len(importedMembers)))},
		expectation{"each of them gets one e-mail", mails == len(importedMembers)},
	)
}

// member prints a `kubectl member` command as a user would type it, runs it, and prints
// its output.
func (d *demo) member(ctx context.Context, arguments ...string) (string, error) {
	d.say("$ %s", command(append([]string{"kubectl", "member"}, arguments...)...)+" -n "+samplesNamespace)
	run := exec.CommandContext(ctx, filepath.Join(d.dir, "kubectl-member"), append(arguments, "-n", samplesNamespace)...) //nolint:gosec // runs what was just built
	run.Env = append(os.Environ(), "KUBECONFIG="+d.cluster.Kubeconfig)
	output, err := run.CombinedOutput()
	d.say("%s", strings.TrimRight(string(output), "\n"))
	if err != nil {
		return "", fmt.Errorf("%w: kubectl member %s: %w", errStep, strings.Join(arguments, " "), err)
	}
	return string(output), nil
}
