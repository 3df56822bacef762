package operator

import (
	"bytes"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// manifest returns a Member forced offline, as in an administrator's file.
func (env *environment) manifest(name string) string {
	env.Helper()
	member := env.GetMember(name)
	return fmt.Sprintf("apiVersion: rollcall.dev/v1alpha1\nkind: Member\nmetadata: {name: %s, namespace: %s, resourceVersion: %q}\nspec: {email: %s, role: %s, forceOffline: true}\n",
		name, env.Namespace, member.ResourceVersion, member.Spec.Email, member.Spec.Role)
}

// commands force a Member offline by kubectl; the manifest is the input.
var commands = map[string]struct {
	args   []string
	dryRun bool
}{
	"edit":                       {args: []string{"edit", "member", "NAME"}},
	"patch":                      {args: []string{"patch", "member", "NAME", "--type=merge", `-p={"spec":{"forceOffline":true}}`}},
	"apply":                      {args: []string{"apply", "-f", "-"}},
	"apply --server-side":        {args: []string{"apply", "--server-side", "--force-conflicts", "-f", "-"}},
	"apply --dry-run":            {args: []string{"apply", "--dry-run=server", "-f", "-"}, dryRun: true},
	"apply --dry-run and --side": {args: []string{"apply", "--dry-run=server", "--server-side", "--force-conflicts", "-f", "-"}, dryRun: true},
	"replace":                    {args: []string{"replace", "-f", "-"}},
	"replace as her":             {args: []string{"replace", "-f", "-", "--as=oidc:ana@example.com"}},
	"edit as her":                {args: []string{"edit", "member", "NAME", "--as=oidc:ana@example.com"}},
}

func TestThePoliciesRefuseKubectlLikeAnyClient(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, withToken(t, "ana@example.com")); err != nil {
		t.Fatal(err)
	}
	for name, command := range commands {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			wei := "wei-" + strings.Map(onlyLetters, name)
			env.CreateAll(env.withRole(wei, v1alpha1.RoleDeskAdmin))
			for member, objections := range map[string][]refusal{
				"ana": {notOwnCutOff}, wei: nil,
				// The file does not have its owner, which replace takes for a change.
				v1alpha1.SuperAdminMemberName: {superAdminIsTheOperators, ownersAreKept},
			} {
				args := []string{"--namespace=" + env.Namespace}
				for _, argument := range command.args {
					args = append(args, strings.ReplaceAll(argument, "NAME", member))
				}
				if !strings.Contains(name, "as her") {
					args = append(args, "--kubeconfig="+kubeconfig)
				}
				err := env.kubectl(env.Cluster.KubectlCommand(t.Context(), args...), env.manifest(member), forceOffline)
				if err := checkAnswer(err, saidByKubectl(objections)); err != nil {
					t.Errorf("%s: %v", member, err)
				}
				if offline := env.GetMember(member).Spec.ForceOffline; offline != (member == wei && !command.dryRun) {
					t.Errorf("%s: forceOffline is %v", member, offline)
				}
			}
		})
	}
}

// onlyLetters keeps the characters that a name may have.
func onlyLetters(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

// forceOffline is an editor that forces a Member offline.
const forceOffline = "sed -i 's/^spec:/&\\n  forceOffline: true/'"

// kubectl runs kubectl with an editor.
func (env *environment) kubectl(command *exec.Cmd, input, editor string) error {
	env.Helper()
	var output bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = strings.NewReader(input), &output, &output
	command.Env = append(command.Env, "KUBE_EDITOR="+editor, "TMPDIR="+env.TempDir())
	if err := command.Run(); err != nil {
		return errors.Join(err, errors.New(output.String()))
	}
	return nil
}

// saidByKubectl are refusals as kubectl shows them: without the reason of the API
// server's answer.
func saidByKubectl(objections []refusal) []refusal {
	said := make([]refusal, 0, len(objections))
	for _, objection := range objections {
		sign := "is forbidden: "
		if objection.by(apierrors.NewInvalid(schema.GroupKind{}, "", nil)) {
			sign = "is invalid"
		}
		said = append(said, refusal{func(err error) bool { return strings.Contains(err.Error(), sign) }, objection.says})
	}
	return said
}
