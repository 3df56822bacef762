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
	"replace as her":             {args: []string{"replace", "-f", "-", "--as=oidc:USER@example.com"}},
	"edit as her":                {args: []string{"edit", "member", "NAME", "--as=oidc:USER@example.com"}},
}

// forceOffline has a member force another offline by one of the commands, and checks
// what comes of it.
func (env *environment) forceOffline(user, member, command string, objections []refusal) {
	env.Helper()
	kubeconfig := filepath.Join(env.TempDir(), "kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, withToken(env.T, user+"@example.com")); err != nil {
		env.Fatal(err)
	}
	args := []string{"--namespace=" + env.Namespace}
	for _, argument := range commands[command].args {
		args = append(args, strings.NewReplacer("NAME", member, "USER", user).Replace(argument))
	}
	if !strings.Contains(command, "as her") {
		args = append(args, "--kubeconfig="+kubeconfig)
	}
	err := env.kubectl(env.Cluster.KubectlCommand(env.Context(), args...), env.manifest(member), `sed -i 's/^spec:/&\n  forceOffline: true/'`)
	if err := checkAnswer(err, saidByKubectl(objections)); err != nil {
		env.Errorf("%s of %s: %v", user, member, err)
	}
	if offline := env.GetMember(member).Spec.ForceOffline; offline != (objections == nil && !commands[command].dryRun) {
		env.Errorf("%s of %s: forceOffline is %v", user, member, offline)
	}
}

func TestThePoliciesRefuseKubectlLikeAnyClient(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("ana", v1alpha1.RoleDeskAdmin),
		env.editing("narrow"), env.withProfile("ned", v1alpha1.RoleDeskAdmin, "narrow"),
		env.editing("forces", v1alpha1.ActionForceOffline), env.withProfile("flo", v1alpha1.RoleDeskAdmin, "forces"))
	stop := env.operate()
	env.awaitGranted(v1alpha1.SuperAdminMemberName, "ana", "ned", "flo")
	for _, name := range []string{"ana", "ned", "flo"} {
		env.awaitListing(name, true)
	}
	stop()
	for command := range commands {
		t.Run(command, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			first, second := "first-"+strings.Map(onlyLetters, command), "second-"+strings.Map(onlyLetters, command)
			env.CreateAll(env.withRole(first, v1alpha1.RoleDeskAdmin), env.withRole(second, v1alpha1.RoleDeskAdmin))
			env.forceOffline("ana", "ana", command, []refusal{notOwnCutOff})
			// The file does not have its owner, which replace takes for a change.
			env.forceOffline("ana", v1alpha1.SuperAdminMemberName, command, []refusal{superAdminIsTheOperators, ownersAreKept})
			env.forceOffline("ned", first, command, []refusal{noCutOff})
			env.forceOffline("ana", first, command, nil)
			env.forceOffline("flo", second, command, nil)
		})
	}
}

func TestKubectlEditShowsWhicheverPartRefuses(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	env.CreateAll(env.withRole("wei", v1alpha1.RoleSupervisor), env.withRole("putri", v1alpha1.RoleDeskStaff))
	stop := env.operate()
	env.awaitGranted("wei")
	env.AwaitMember("putri", ready)
	env.awaitListing("wei", true)
	stop()
	const nickname, role, login = `s/^spec:/&\n  nickname: Desk/`, `s/role: .*/role: SuperAdmin/`, `s/loginReason: .*/loginReason: ForceOfflineExpired/`
	for _, test := range []struct {
		user, member, subresource, edit string
		objections                      []refusal
	}{
		{"putri", "wei", "", nickname, []refusal{cannot("oidc:putri@example.com", "get", "members")}},
		{"wei", "putri", "", nickname, []refusal{cannot("oidc:wei@example.com", "patch", "members")}},
		{"wei", "putri", "status", login, []refusal{cannot("oidc:wei@example.com", "patch", "members/status")}},
		{"ana", "putri", "status", login, []refusal{cannot("oidc:ana@example.com", "patch", "members/status")}},
		{"ana", "wei", "", role, []refusal{theRoleHasOneName}},
		{"ana", "wei", "", nickname, nil},
		{"admin", v1alpha1.SuperAdminMemberName, "status", login, []refusal{superAdminIsTheOperators}},
		{"admin", "wei", "status", login, nil},
	} {
		args := []string{"edit", "member", test.member, "--namespace=" + env.Namespace, "--subresource=" + test.subresource}
		if test.user != "admin" {
			args = append(args, "--as=oidc:"+test.user+"@example.com")
		}
		before := env.GetMember(test.member)
		// Why an edit is invalid, kubectl says where it is edited.
		err := env.kubectl(env.Cluster.KubectlCommand(t.Context(), args...), "", `edit() { grep '^#' "$1" >&2; sed -i '`+test.edit+`' "$1"; }; edit`)
		if err := checkAnswer(err, saidByKubectl(test.objections)); err != nil {
			t.Errorf("%s edits %s %s: %v", test.user, test.member, test.subresource, err)
		}
		if changed := env.GetMember(test.member).ResourceVersion != before.ResourceVersion; changed != (test.objections == nil) {
			t.Errorf("%s edits %s %s: it was changed: %t", test.user, test.member, test.subresource, changed)
		}
	}
}

// onlyLetters keeps the characters that a name may have.
func onlyLetters(r rune) rune {
	if r < 'a' || r > 'z' {
		return -1
	}
	return r
}

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
