package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

// people creates members and waits until the operator has finished with them.
func (env *environment) people(names ...string) {
	env.Helper()
	for _, name := range names {
		env.CreateAll(env.Member(name))
	}
	env.await(names...)
}

// memberVersions returns the resource versions of all members. Each write changes one.
func (env *environment) memberVersions() map[string]string {
	env.Helper()
	return env.eachMember(func(member v1alpha1.Member) string { return member.ResourceVersion })
}

// eachMember returns a text about each member, by name.
func (env *environment) eachMember(text func(v1alpha1.Member) string) map[string]string {
	env.Helper()
	list := &v1alpha1.MemberList{}
	if err := env.List(env.Context(), list, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	texts := map[string]string{}
	for _, member := range list.Items {
		texts[member.Name] = text(member)
	}
	return texts
}

// allow grants a user verbs on resources of the namespace.
func (env *environment) allow(user string, resources []string, verbs ...string) {
	env.Helper()
	about := metav1.ObjectMeta{Namespace: env.Namespace, Name: user}
	env.CreateAll(
		&rbacv1.Role{ObjectMeta: about, Rules: []rbacv1.PolicyRule{{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: resources, Verbs: verbs}}},
		&rbacv1.RoleBinding{
			ObjectMeta: about, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		},
	)
}

// compareOutputs runs commands, and compares their outputs with the golden files of their names.
func (env *environment) compareOutputs(commands map[string]string) {
	for name, arguments := range commands {
		env.Run(name, func(t *testing.T) {
			t.Parallel()
			got := env.pluginWith(t.Context(), inYears, "", strings.Split(arguments, " ")...)
			if strings.HasPrefix(arguments, "__complete") {
				got.err = ""
			}
			text := strings.ReplaceAll(got.done(t), env.Cluster.Kubeconfig, "KUBECONFIG")
			text = strings.ReplaceAll(text, strconv.Itoa(env.Mail.Port()), "PORT")
			goldentest.Compare(t, name, mailSettings.ReplaceAllString(text, "${1}SETTINGS"))
		})
	}
}

// setStatus changes the status of a member.
func (env *environment) setStatus(name string, change func(*v1alpha1.MemberStatus)) {
	env.Helper()
	member := env.GetMember(name)
	change(&member.Status)
	if err := env.Status().Update(env.Context(), member); err != nil {
		env.Fatal(err)
	}
}

// isGone reports whether there is no such Member.
func (env *environment) isGone(name string) bool {
	env.Helper()
	err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: name}, &v1alpha1.Member{})
	if client.IgnoreNotFound(err) != nil {
		env.Fatal(err)
	}
	return apierrors.IsNotFound(err)
}

// refused checks the exit code, and compares the output with a golden file.
func (a answer) refused(t *testing.T, code int, name string) {
	t.Helper()
	if a.code != code {
		t.Errorf("exit code %d, not %d; it complains:\n%s", a.code, code, a.err)
	}
	goldentest.Compare(t, name, a.out+a.err)
}

// transcript collects the output of several commands.
type transcript struct{ strings.Builder }

// note adds a command and its output.
func (r *transcript) note(a answer, arguments ...string) {
	fmt.Fprintf(r, "$ kubectl member %s\n%s%s", strings.Join(arguments, " "), a.out, a.err)
	if a.code != cli.ExitDone {
		fmt.Fprintf(r, "(exit code %d)\n", a.code)
	}
}

// asks makes a session behave as on a terminal.
func asks(s *cli.Session) { s.CanAsk = true }

func TestDryRunsWriteNothing(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.people("ana", "ben")
	before := env.memberVersions()
	var seen transcript
	for _, arguments := range [][]string{
		{"edit", "ana", "ben", "--nickname", "A", "--add-group", "billing"},
		{"reset-password", "ana"},
		{"force-offline", "ana"},
		{"restore-online", "ana"},
		{"delete", "ana", "ben"},
		{"edit", "ana", "--phone", "1"},
	} {
		for _, mode := range []string{"--dry-run=client", "--dry-run=server"} {
			complete := append(slices.Clone(arguments), mode)
			seen.note(env.plugin(complete...), complete...)
		}
	}
	for _, arguments := range [][]string{
		{"force-offline", "ana", "--reason", "lost", "--dry-run=client", "-o", "json"},
		{"force-offline", "ana", "--dry-run"},
		{"delete", "ana", "--dry-run", "server"},
		{"import", "a.csv", "--dry-run", "server"},
		{"force-offline", "ana", "--dry-run=maybe"},
		{"force-offline", "ana", "-o", "csv"},
		{"force-offline", "ana", "--timeout", "3s"},
		{"force-offline", "ana", "--wait", "--timeout", "0s"},
	} {
		a := env.plugin(arguments...)
		if strings.HasPrefix(a.out, "{") {
			if !strings.Contains(a.out, `"forceOfflineReason": "lost"`) || !strings.Contains(a.out, `"kind": "Member"`) {
				t.Errorf("%v wrote %s", arguments, a.out)
			}
			continue
		}
		seen.note(a, arguments...)
	}
	if after := env.memberVersions(); !maps.Equal(before, after) {
		t.Errorf("the members were %v and are %v", before, after)
	}
	goldentest.Compare(t, "dry_run", seen.String())
}

func TestWritesBelongToRollcallCLIAndOutliveASyncFromGit(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	inGit := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": v1alpha1.GroupVersion.String(), "kind": "Member",
		"metadata": map[string]any{"name": "ana", "namespace": env.Namespace},
		"spec":     map[string]any{"email": "ana@example.com", "nickname": "Ana"},
	}}
	synchronize := func() {
		t.Helper()
		desired := client.ApplyConfigurationFromUnstructured(inGit.DeepCopy())
		if err := env.Apply(t.Context(), desired, client.FieldOwner("kustomize-controller"), client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
	synchronize()
	env.plugin("force-offline", "ana", "--reason", "lost").done(t)
	owned := map[string]string{}
	for _, entry := range env.GetMember("ana").ManagedFields {
		// Flux overwrites the fields of managers with such names.
		if strings.HasPrefix(entry.Manager, "kubectl") {
			t.Errorf("%s owns fields", entry.Manager)
		}
		owned[entry.Manager+" "+string(entry.Operation)] = entry.FieldsV1.GetRawString()
	}
	if got, want := owned[cli.FieldManager+" "+string(metav1.ManagedFieldsOperationUpdate)], `{"f:spec":{"f:forceOffline":{},"f:forceOfflineReason":{}}}`; got != want {
		t.Errorf("rollcall-cli owns %s, not %s", got, want)
	}
	synchronize()
	if spec := env.GetMember("ana").Spec; !spec.ForceOffline || spec.ForceOfflineReason != "lost" || spec.Nickname != "Ana" {
		t.Errorf("after a sync: %+v", spec)
	}
	env.plugin("restore-online", "ana").done(t)
	synchronize()
	if spec := env.GetMember("ana").Spec; spec.ForceOffline || spec.ForceOfflineReason != "" {
		t.Errorf("after restore-online and a sync: %+v", spec)
	}
}

func TestAMemberThatWasAddedAgainIsNotChangedInPlaceOfTheSelectedOne(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	meant := env.Member("ana")
	env.CreateAll(meant)
	if err := env.Delete(t.Context(), meant.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	env.CreateAll(env.Member("ana"))
	_, err := write.Patch(t.Context(), env, meant.DeepCopy(), map[string]any{"forceOffline": true}, "", write.DryRunNone)
	if err == nil || env.GetMember("ana").Spec.ForceOffline {
		t.Fatal("it is changed")
	}
	if words := apicall.Explain("ana", env.Namespace, err).Error(); !strings.Contains(words, "deleted and added again") {
		t.Errorf("it is said that %s", words)
	}
	if _, err := write.Delete(t.Context(), env, meant.DeepCopy(), write.DryRunNone); err == nil || env.isGone("ana") {
		t.Error("it is deleted")
	}
}
