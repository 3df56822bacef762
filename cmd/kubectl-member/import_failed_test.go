package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/internal/roster"
)

// refuseNight makes the API server refuse Members of the namespace with the nickname Night. The
// returned function ends that.
func (env *environment) refuseNight() (accept func()) {
	env.Helper()
	name := env.Namespace + "-night"
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": env.Namespace}},
				ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: []string{"members"}},
				}}},
			},
			Validations: []admissionregistrationv1.Validation{{
				Expression: "!has(object.spec.nickname) || object.spec.nickname != 'Night'", Message: "night shifts are not allowed here",
			}},
		},
	}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: name, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}},
	}
	env.CreateAll(policy, binding)
	probe := func() error {
		return env.Create(env.Context(), env.Member("probe", func(s *v1alpha1.MemberSpec) { s.Nickname = "Night" }), client.DryRunAll)
	}
	env.Eventually("the policy bites", func() error {
		if probe() == nil {
			return errors.New("it does not")
		}
		return nil
	})
	remove := sync.OnceFunc(func() {
		ctx := context.WithoutCancel(env.Context())
		if err := errors.Join(env.Delete(ctx, binding), env.Delete(ctx, policy)); err != nil {
			env.Errorf("deleting the policy: %v", err)
		}
	})
	env.Cleanup(remove)
	return func() {
		env.Helper()
		remove()
		env.Eventually("the policy is gone", probe)
	}
}

func TestFailedRowsAreKeptInAFileToImportAgain(t *testing.T) {
	t.Parallel()
	for _, format := range []roster.Format{roster.CSV, roster.XLSX} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.CreateAll(env.Member("dan", func(s *v1alpha1.MemberSpec) { s.Phone, s.Nickname = "+33612345678", "Dan" }))
			var text strings.Builder
			people := []roster.Person{
				{Email: "ana@example.com", Nickname: "Ana"},
				{Email: "ben@example.com", Nickname: "Night", Name: "Ben"},
				{Email: "cat@example.com"},
				{Email: "dan@example.com", Nickname: "Night"},
			}
			columns := []roster.Column{roster.NameColumn, roster.NicknameColumn, roster.EmailColumn}
			if err := roster.WriteColumns(&text, format, columns, people); err != nil {
				t.Fatal(err)
			}
			file := env.file("members."+string(format), text.String())
			failed := filepath.Join(filepath.Dir(file), "members-failed."+string(format))
			accept := env.refuseNight()

			dry := env.plugin("import", file, "--mode", "upsert", "--dry-run=server")
			if dry.code != cli.ExitFailed || !strings.HasSuffix(dry.out, "2 added, 0 changed, 0 unchanged, 2 failed (server dry run)\n") || fileExists(failed) {
				t.Errorf("a dry run has the exit code %d: %s%s", dry.code, dry.out, dry.err)
			}
			got := env.plugin("import", file, "--mode", "upsert")
			if format == roster.CSV {
				text := strings.ReplaceAll(got.text(), env.Cluster.Kubeconfig, "KUBECONFIG")
				goldentest.Compare(t, "import-failed", strings.ReplaceAll(text, filepath.Dir(file), "FOLDER"))
			}
			if got.code != cli.ExitPartly {
				t.Errorf("exit code %d: %s%s", got.code, got.out, got.err)
			}
			if names := env.names(); !slices.Equal(names, []string{"ana", "cat", "dan"}) {
				t.Errorf("the members are %v", names)
			}
			accept()
			again := env.plugin("import", failed, "--mode", "upsert")
			if again.code != cli.ExitDone || again.out != "1 added, 1 changed, 0 unchanged, 0 failed\n" {
				t.Errorf("the rows that failed: exit code %d: %s%s", again.code, again.out, again.err)
			}
			// The file has no column for phones, so neither has the file of failed rows.
			if dan := env.GetMember("dan"); dan.Spec.Nickname != "Night" || dan.Spec.Phone != "+33612345678" {
				t.Errorf("dan is %+v", dan.Spec)
			}
		})
	}
}

func TestAFileOfFailedRowsReplacesNoOtherFile(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.refuseNight()
	file := env.file("night.csv", "e-mail,nickname\nana@example.com,Night\n")
	first := strings.TrimSuffix(file, ".csv") + "-failed.csv"
	if err := os.WriteFile(first, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := env.plugin("import", file)
	if got.code != cli.ExitFailed || !strings.Contains(got.err, "night-failed-2.csv") {
		t.Errorf("exit code %d: %s", got.code, got.err)
	}
	if text, err := os.ReadFile(first); err != nil || string(text) != "mine" {
		t.Errorf("the other file is %q, %v", text, err)
	}
	named := filepath.Join(t.TempDir(), "rows.csv")
	if got := env.plugin("import", file, "--failed-file", named); got.code != cli.ExitFailed || !fileExists(named) {
		t.Errorf("with a name: exit code %d: %s", got.code, got.err)
	}
}

// fileExists reports whether there is such a file.
func fileExists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}
