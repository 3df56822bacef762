package importer

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/write"
)

// maxServerDelay is the longest delay that the API server may ask for before a retry.
const maxServerDelay = 30 * time.Second

// writeBackoff returns the pauses before retries of a write.
func writeBackoff() wait.Backoff {
	return wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.3, Steps: 6}
}

// stepState is how a step of an import ended.
type stepState int

const (
	// stepPending means not done, or unknown.
	stepPending stepState = iota
	stepDone
	stepFailed
)

type outcome struct {
	state stepState
	err   error
}

// stepWriter writes the steps of an import, several at a time.
type stepWriter struct {
	cluster     client.Client
	concurrency int
	backoff     wait.Backoff
	progress    *cli.Progress
}

// writeAll writes steps until all are done or the context ends. Then running writes may end, and no
// new ones start.
func (w *stepWriter) writeAll(ctx context.Context, steps []importplan.Step) []outcome {
	outcomes := make([]outcome, len(steps))
	apicall.InOrder(ctx, w.concurrency, len(steps), func(callCtx context.Context, i int) outcome {
		defer w.progress.Step()
		return w.write(ctx, callCtx, &steps[i])
	}, func(i int, done outcome) { outcomes[i] = done })
	return outcomes
}

// write writes a step, and retries while errors are transient. The end of ctx stops retries;
// callCtx is for the calls themselves.
func (w *stepWriter) write(ctx, callCtx context.Context, step *importplan.Step) outcome {
	backoff := w.backoff
	for retry := false; ; retry = true {
		err := w.writeOnce(callCtx, step, retry)
		switch {
		case err == nil:
			return outcome{state: stepDone}
		case callCtx.Err() != nil:
			return outcome{state: stepPending}
		case !apicall.IsTransient(err) || backoff.Steps == 0:
			return outcome{state: stepFailed, err: err}
		}
		moment := backoff.Step()
		if seconds, suggested := apierrors.SuggestsClientDelay(err); suggested {
			moment = max(moment, min(time.Duration(seconds)*time.Second, maxServerDelay))
		}
		if apicall.Pause(ctx, moment); ctx.Err() != nil {
			return outcome{state: stepPending}
		}
	}
}

// writeOnce does one write. After a failed attempt the write may be done already: responses can get
// lost.
func (w *stepWriter) writeOnce(ctx context.Context, step *importplan.Step, retry bool) error {
	switch step.Operation {
	case importplan.OperationDelete:
		return client.IgnoreNotFound(write.DeleteOnce(ctx, w.cluster, step.Member))
	case importplan.OperationChange:
		_, err := write.Patch(ctx, w.cluster, step.Member, step.Patch, "", write.DryRunNone)
		return err
	case importplan.OperationAdd:
		return w.create(ctx, step.Member, retry)
	default:
		panic(fmt.Sprintf("unknown operation %d", step.Operation))
	}
}

// create creates a Member. A retry succeeds if an earlier attempt created it.
func (w *stepWriter) create(ctx context.Context, member *v1alpha1.Member, retry bool) error {
	err := w.cluster.Create(ctx, member.DeepCopy())
	if apierrors.IsAlreadyExists(err) && retry && w.isCreated(ctx, member) {
		return nil
	}
	return err
}

// isCreated reports whether the Member exists as this import creates it.
func (w *stepWriter) isCreated(ctx context.Context, member *v1alpha1.Member) bool {
	found := &v1alpha1.Member{}
	if err := w.cluster.Get(ctx, client.ObjectKeyFromObject(member), found); err != nil {
		return false
	}
	return found.Labels[v1alpha1.ImportedByLabel] == v1alpha1.ImportedByValue && found.Spec.Email == member.Spec.Email
}
