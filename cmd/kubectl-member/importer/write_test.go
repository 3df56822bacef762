package importer

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/internal/roster"
)

// addition returns the only step of an import, which adds a Member.
func addition() []importplan.Step {
	member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: "support-desk", Name: "m-0"}, Spec: v1alpha1.MemberSpec{Email: "m-0@example.com"}}
	member.Labels = map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue}
	return []importplan.Step{{Operation: importplan.OperationAdd, Person: &roster.Person{Row: 2}, Member: member}}
}

// fakeCluster returns an API server without Members.
func fakeCluster(t *testing.T) client.WithWatch {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	return fake.NewClientBuilder().WithScheme(scheme).Build()
}

// writerFor returns a writer with short pauses.
func writerFor(cluster client.Client) *stepWriter {
	return &stepWriter{
		cluster: cluster, concurrency: 4,
		backoff:  wait.Backoff{Duration: time.Millisecond, Factor: 1, Steps: 3},
		progress: (&cli.Session{}).NewProgress("import", 0),
	}
}

func TestTransientFailuresOfAWriteAreRetried(t *testing.T) {
	t.Parallel()
	resource := schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "members"}
	for name, test := range map[string]struct {
		failure error
		// reaches reports whether the failed request takes effect.
		reaches bool
		tries   int64
		want    stepState
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
			outcomes := writerFor(flaky).writeAll(t.Context(), addition())
			if outcomes[0].state != test.want || tries.Load() != test.tries {
				t.Errorf("state %d (%v) after %d tries, not %d after %d", outcomes[0].state, outcomes[0].err, tries.Load(), test.want, test.tries)
			}
		})
	}
}

func TestRetriesOfAWriteEnd(t *testing.T) {
	t.Parallel()
	cluster := fakeCluster(t)
	var tries atomic.Int64
	busy := interceptor.NewClient(cluster, interceptor.Funcs{
		Create: func(context.Context, client.WithWatch, client.Object, ...client.CreateOption) error {
			tries.Add(1)
			return apierrors.NewTooManyRequests("later", 0)
		},
	})
	outcomes := writerFor(busy).writeAll(t.Context(), addition())
	if outcomes[0].state != stepFailed || tries.Load() != 4 {
		t.Errorf("state %d after %d tries", outcomes[0].state, tries.Load())
	}
}

func TestAMemberCreatedByAnotherProgramIsAFailure(t *testing.T) {
	t.Parallel()
	cluster := fakeCluster(t)
	if err := cluster.Create(t.Context(), addition()[0].Member); err != nil {
		t.Fatal(err)
	}
	outcomes := writerFor(cluster).writeAll(t.Context(), addition())
	if outcomes[0].state != stepFailed || !apierrors.IsAlreadyExists(outcomes[0].err) {
		t.Errorf("state %d, %v", outcomes[0].state, outcomes[0].err)
	}
}
