package importer

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
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

// maxServerDelay is how long the API server may ask for before a row is tried again.
const maxServerDelay = 30 * time.Second

// writeBackoff is the pauses before a row that failed is tried again.
func writeBackoff() wait.Backoff {
	return wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.3, Steps: 6}
}

// stepState is how a step of an import ended.
type stepState int

const (
	// stepPending is not done, or not known to be.
	stepPending stepState = iota
	stepDone
	stepFailed
)

// outcome is what became of a step.
type outcome struct {
	state stepState
	err   error
}

// stepWriter writes the steps of an import, several at a time.
type stepWriter struct {
	cluster     client.Client
	concurrency int
	// mode is dryRunNone or dryRunServer.
	mode     write.DryRun
	backoff  wait.Backoff
	progress *cli.Progress
}

// writeAll writes steps until all are done, or the context ends: then those under
// way are ended, and no more are begun.
func (w *stepWriter) writeAll(ctx context.Context, steps []importplan.Step) []outcome {
	outcomes := make([]outcome, len(steps))
	hands, letGo := apicall.WithGrace(ctx)
	defer letGo()
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(w.concurrency, len(steps)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(steps) {
					return
				}
				outcomes[i] = w.write(ctx, hands, &steps[i])
				w.progress.Step()
			}
		})
	}
	workers.Wait()
	return outcomes
}

// write writes a step, again and again while there is hope. The context tells when
// to give up hoping; hands is for the writes themselves.
func (w *stepWriter) write(ctx, hands context.Context, step *importplan.Step) outcome {
	backoff := w.backoff
	for again := false; ; again = true {
		err := w.writeOnce(hands, step, again)
		switch {
		case err == nil:
			return outcome{state: stepDone}
		case hands.Err() != nil:
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

// writeOnce does one write. After one that failed, what it would do may be done:
// an answer can get lost.
func (w *stepWriter) writeOnce(ctx context.Context, step *importplan.Step, again bool) error {
	switch step.Operation {
	case importplan.OperationDelete:
		return w.remove(ctx, step.Member)
	case importplan.OperationChange:
		_, err := write.Patch(ctx, w.cluster, step.Member, step.Patch, w.mode)
		return err
	case importplan.OperationAdd:
		return w.create(ctx, step.Member, again)
	default:
		panic(fmt.Sprintf("unknown operation %d", step.Operation))
	}
}

// create creates a Member.
func (w *stepWriter) create(ctx context.Context, made *v1alpha1.Member, again bool) error {
	member := made.DeepCopy()
	options := []client.CreateOption{client.FieldOwner(cli.FieldManager)}
	if w.mode == write.DryRunServer {
		options = append(options, client.DryRunAll)
	}
	err := w.cluster.Create(ctx, member, options...)
	if apierrors.IsAlreadyExists(err) && again && w.madeBefore(ctx, made) {
		return nil
	}
	return err
}

// madeBefore is whether a Member is there just as this import makes it.
func (w *stepWriter) madeBefore(ctx context.Context, member *v1alpha1.Member) bool {
	found := &v1alpha1.Member{}
	if err := w.cluster.Get(ctx, client.ObjectKeyFromObject(member), found); err != nil {
		return false
	}
	return found.Labels[v1alpha1.ImportedByLabel] == v1alpha1.ImportedByValue && found.Spec.Email == member.Spec.Email
}

// remove deletes a Member, and not another one of its name.
func (w *stepWriter) remove(ctx context.Context, member *v1alpha1.Member) error {
	options := []client.DeleteOption{client.Preconditions{UID: &member.UID}}
	if w.mode == write.DryRunServer {
		options = append(options, client.DryRunAll)
	}
	return client.IgnoreNotFound(w.cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, options...))
}
