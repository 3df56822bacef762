package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// refuseNight has the API server refuse Members of the namespace whose nickname is
// Night, and returns a function that has it refuse no more.
func (d *desk) refuseNight() (accept func()) {
	d.Helper()
	name := d.namespace + "-night"
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": d.namespace}},
				ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: []string{"members"}},
				}}},
			},
			Validations: []admissionregistrationv1.Validation{{
				Expression: "!has(object.spec.nickname) || object.spec.nickname != 'Night'", Message: "nobody works at night here",
			}},
		},
	}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: name, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny}},
	}
	d.create(policy, binding)
	probe := func() error {
		return d.Create(d.Context(), d.member("probe", func(s *v1alpha1.MemberSpec) { s.Nickname = "Night" }), client.DryRunAll)
	}
	d.eventually("the policy bites", func() error {
		if probe() == nil {
			return errors.New("it does not")
		}
		return nil
	})
	remove := sync.OnceFunc(func() {
		ctx := context.WithoutCancel(d.Context())
		if err := errors.Join(d.Delete(ctx, binding), d.Delete(ctx, policy)); err != nil {
			d.Errorf("deleting the policy: %v", err)
		}
	})
	d.Cleanup(remove)
	return func() {
		d.Helper()
		remove()
		d.eventually("the policy is gone", probe)
	}
}

func TestRowsThatFailAreKeptInAFileToImportAgain(t *testing.T) {
	t.Parallel()
	for _, format := range []roster.Format{roster.CSV, roster.XLSX} {
		t.Run(string(format), func(t *testing.T) {
			t.Parallel()
			d := newQuietDesk(t)
			d.create(d.member("dan", func(s *v1alpha1.MemberSpec) { s.Phone, s.Nickname = "+33612345678", "Dan" }))
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
			file := d.file("members."+string(format), text.String())
			failed := filepath.Join(filepath.Dir(file), "members-failed."+string(format))
			accept := d.refuseNight()

			dry := d.plugin("import", file, "--mode", "upsert", "--dry-run=server")
			if dry.code != exitFailed || !strings.HasSuffix(dry.out, "2 added, 0 changed, 0 unchanged, 2 failed (server dry run)\n") || fileExists(failed) {
				t.Errorf("a dry run has the exit code %d: %s%s", dry.code, dry.out, dry.err)
			}
			got := d.plugin("import", file, "--mode", "upsert")
			if format == roster.CSV {
				text := strings.ReplaceAll(got.text(), suite.plane.Kubeconfig, "KUBECONFIG")
				golden(t, "import-failed", strings.ReplaceAll(text, filepath.Dir(file), "FOLDER"))
			}
			if got.code != exitPartly {
				t.Errorf("exit code %d: %s%s", got.code, got.out, got.err)
			}
			if names := d.names(); !slices.Equal(names, []string{"ana", "cat", "dan"}) {
				t.Errorf("the members are %v", names)
			}
			accept()
			again := d.plugin("import", failed, "--mode", "upsert")
			if again.code != exitDone || again.out != "1 added, 1 changed, 0 unchanged, 0 failed\n" {
				t.Errorf("the rows that failed: exit code %d: %s%s", again.code, again.out, again.err)
			}
			// The file had no column for phones, so neither has that of the failed rows.
			if dan := d.get("dan"); dan.Spec.Nickname != "Night" || dan.Spec.Phone != "+33612345678" {
				t.Errorf("dan is %+v", dan.Spec)
			}
		})
	}
}

func TestAFileOfFailedRowsReplacesNoOther(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.refuseNight()
	file := d.file("night.csv", "e-mail,nickname\nana@example.com,Night\n")
	first := strings.TrimSuffix(file, ".csv") + "-failed.csv"
	if err := os.WriteFile(first, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := d.plugin("import", file)
	if got.code != exitFailed || !strings.Contains(got.err, "night-failed-2.csv") {
		t.Errorf("exit code %d: %s", got.code, got.err)
	}
	if text, err := os.ReadFile(first); err != nil || string(text) != "mine" {
		t.Errorf("the other file is %q, %v", text, err)
	}
	named := filepath.Join(t.TempDir(), "rows.csv")
	if got := d.plugin("import", file, "--failed-file", named); got.code != exitFailed || !fileExists(named) {
		t.Errorf("with a name: exit code %d: %s", got.code, got.err)
	}
}

// fileExists reports whether there is such a file.
func fileExists(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

// additionsOf are steps that add as many Members.
func additionsOf(count int) []importStep {
	var steps []importStep
	for i := range count {
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: "support-desk", Name: fmt.Sprintf("m-%d", i)}, Spec: v1alpha1.MemberSpec{Email: fmt.Sprintf("m-%d@example.com", i)}}
		member.Labels = map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue}
		steps = append(steps, importStep{operation: operationAdd, person: &roster.Person{Row: i + 2}, member: member})
	}
	return steps
}

// fakeCluster is an API server without a Member.
func fakeCluster(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).Build()
}

// writerFor writes through a client, with hardly a pause.
func writerFor(cluster client.Client) *importWriter {
	return &importWriter{
		cluster: cluster, concurrency: 4, mode: dryRunNone,
		backoff:  wait.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 3},
		progress: (&session{}).newProgress("import", 0),
	}
}

func TestAWriteIsTriedAgainWhileThereIsHope(t *testing.T) {
	t.Parallel()
	resource := schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "members"}
	for name, test := range map[string]struct {
		failure error
		// reaches is whether what fails is done all the same.
		reaches bool
		tries   int64
		want    importState
	}{
		"throttled":                 {apierrors.NewTooManyRequests("later", 0), false, 2, stepDone},
		"conflict with a quota":     {apierrors.NewConflict(resource, "m-0", errors.New("quota")), false, 2, stepDone},
		"time-out of the server":    {apierrors.NewServerTimeout(resource, "create", 0), false, 2, stepDone},
		"done, and the answer lost": {apierrors.NewTimeoutError("gone", 0), true, 2, stepDone},
		"refused":                   {apierrors.NewForbidden(resource, "m-0", errors.New("no")), false, 1, stepFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cluster := fakeCluster(t)
			var tries atomic.Int64
			flaky := interceptor.NewClient(cluster, interceptor.Funcs{
				Create: func(ctx context.Context, cluster client.WithWatch, object client.Object, options ...client.CreateOption) error {
					if tries.Add(1) > 1 {
						return cluster.Create(ctx, object, options...)
					}
					if test.reaches {
						if err := cluster.Create(ctx, object, options...); err != nil {
							return err
						}
					}
					return test.failure
				},
			})
			outcomes := writerFor(flaky).writeAll(t.Context(), additionsOf(1))
			if outcomes[0].state != test.want || tries.Load() != test.tries {
				t.Errorf("state %d (%v) after %d tries, not %d after %d", outcomes[0].state, outcomes[0].err, tries.Load(), test.want, test.tries)
			}
		})
	}
}

func TestAWriteIsGivenUpInTheEnd(t *testing.T) {
	t.Parallel()
	cluster := fakeCluster(t)
	var tries atomic.Int64
	busy := interceptor.NewClient(cluster, interceptor.Funcs{
		Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error {
			tries.Add(1)
			return apierrors.NewTooManyRequests("later", 0)
		},
	})
	outcomes := writerFor(busy).writeAll(t.Context(), additionsOf(1))
	if outcomes[0].state != stepFailed || tries.Load() != 4 {
		t.Errorf("state %d after %d tries", outcomes[0].state, tries.Load())
	}
}

func TestAMemberMadeMeanwhileByAnotherIsAFailure(t *testing.T) {
	t.Parallel()
	cluster := fakeCluster(t)
	if err := cluster.Create(t.Context(), additionsOf(1)[0].member); err != nil {
		t.Fatal(err)
	}
	outcomes := writerFor(cluster).writeAll(t.Context(), additionsOf(1))
	if outcomes[0].state != stepFailed || !apierrors.IsAlreadyExists(outcomes[0].err) {
		t.Errorf("state %d, %v", outcomes[0].state, outcomes[0].err)
	}
}
