//go:build faults

package faults

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// checkKubectlTable checks what kubectl shows on a terminal: a line for each Member, in
// which each column has what it is for, and nothing that a terminal obeys.
func (env *environment) checkKubectlTable(about map[string]string) {
	env.Helper()
	shown, err := env.Cluster.Kubectl(env.Context(), "", "get", "members", "-o", "wide", "-n", env.Namespace)
	if err != nil {
		env.Fatal(err)
	}
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
	if len(lines)-1 != len(members) {
		env.Errorf("kubectl shows %d lines for %d Members", len(lines)-1, len(members))
	}
	heading, _, _ := strings.Cut(lines[0], "EMAIL")
	column := len([]rune(heading))
	for _, line := range lines[1:] {
		name, _, _ := strings.Cut(line, " ")
		runes := []rune(line)
		if at := slices.IndexFunc(runes, isControl); at >= 0 {
			env.Errorf("kubectl shows %+q of %s, about %s", runes[at], name, about[name])
		} else if member := members[name]; member == nil || !strings.HasPrefix(string(runes[min(column, len(runes)):]), member.Spec.Email+" ") {
			env.Errorf("kubectl shows the line %+q, about %s", line, about[name])
		}
	}
}

// checkPlugin checks the same of kubectl member, which has to be on the path for
// kubectl to find it.
func (env *environment) checkPlugin(about map[string]string) {
	env.Helper()
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		env.Fatal(err)
	}
	program := filepath.Join(env.TempDir(), "kubectl-member")
	build := exec.CommandContext(env.Context(), "go", "build", "-o", program, "./cmd/kubectl-member")
	build.Dir = root
	if said, err := build.CombinedOutput(); err != nil {
		env.Fatalf("building the plug-in: %v\n%s", err, said)
	}
	run := func(arguments ...string) string {
		command := exec.CommandContext(env.Context(), program, append(arguments, "--kubeconfig", env.Cluster.Kubeconfig, "-n", env.Namespace)...)
		said, err := command.CombinedOutput()
		if err != nil {
			env.Errorf("kubectl member %s: %v\n%s", arguments[0], err, said)
		}
		return string(said)
	}
	if lines := strings.Count(run("list", "--no-headers"), "\n"); lines < len(about) {
		env.Errorf("kubectl member list shows %d lines for more than %d Members", lines, len(about))
	}
	shown := map[string]string{"list": run("list", "-o", "wide")}
	for name, what := range about {
		if strings.HasPrefix(what, "reason") || strings.HasPrefix(what, "by chance") {
			shown[what] = run("show", name)
		}
	}
	for what, text := range shown {
		plain := strings.ReplaceAll(text, "\n", "")
		if at := strings.IndexFunc(plain, isControl); at >= 0 {
			env.Errorf("kubectl member shows %+.40q of %s", plain[at:], what)
		}
	}
}

// checkQuiet checks that the operator has nothing to do, and nothing to complain of,
// once everything is settled.
func (env *environment) checkQuiet(o *operator) {
	env.Helper()
	version := func() string {
		list := &v1alpha1.MemberList{}
		if err := env.List(env.Context(), list, client.InNamespace(env.Namespace)); err != nil {
			env.Fatal(err)
		}
		newest := ""
		for i := range list.Items {
			newest += list.Items[i].ResourceVersion + " "
		}
		return newest
	}
	versions, length, letters := version(), len(o.text()), len(env.Mail.Messages())
	env.pause(3 * time.Second)
	if version() != versions || len(env.Mail.Messages()) != letters {
		env.Error("the operator goes on writing or mailing")
	}
	if news := o.text()[length:]; strings.Contains(news, `"level":"error"`) {
		env.Errorf("the operator goes on complaining:\n%.4000s", news)
	}
}

// checkLogLines checks that each line of the log is the operator's own: nothing that
// a user wrote into a Member begins one.
func checkLogLines(t *testing.T, o *operator) {
	t.Helper()
	scanner := bufio.NewScanner(bytes.NewReader([]byte(o.text())))
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		var line struct {
			Level, TS, Msg string
		}
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil || line.Level == "" || line.TS == "" {
			t.Errorf("a line of the log is %.300q", scanner.Text())
		}
		if line.Msg == "forged" {
			t.Errorf("a line of the log is forged: %.300q", scanner.Text())
		}
	}
	if err := scanner.Err(); err != nil {
		t.Error(err)
	}
}
