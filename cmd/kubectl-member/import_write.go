package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// maxServerDelay is how long the API server may ask for before a row is tried again.
const maxServerDelay = 30 * time.Second

// importBackoff is the pauses before a row that failed is tried again.
func importBackoff() wait.Backoff {
	return wait.Backoff{Duration: 100 * time.Millisecond, Factor: 2, Jitter: 0.3, Steps: 6}
}

// importState is how a step of an import ended.
type importState int

const (
	// stepPending is not done, or not known to be.
	stepPending importState = iota
	stepDone
	stepFailed
)

// importOutcome is what became of a step.
type importOutcome struct {
	state importState
	err   error
}

// importWriter writes the steps of an import, several at a time.
type importWriter struct {
	cluster     client.Client
	concurrency int
	// mode is dryRunNone or dryRunServer.
	mode     dryRun
	backoff  wait.Backoff
	progress *progress
}

// writeAll writes steps until all are done, or the context ends: then those under
// way are ended, and no more are begun.
func (w *importWriter) writeAll(ctx context.Context, steps []importStep) []importOutcome {
	outcomes := make([]importOutcome, len(steps))
	hands, letGo := outlasting(ctx)
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
				w.progress.step()
			}
		})
	}
	workers.Wait()
	return outcomes
}

// write writes a step, again and again while there is hope. The context tells when
// to give up hoping; hands is for the writes themselves.
func (w *importWriter) write(ctx, hands context.Context, step *importStep) importOutcome {
	backoff := w.backoff
	for again := false; ; again = true {
		err := w.writeOnce(hands, step, again)
		switch {
		case err == nil:
			return importOutcome{state: stepDone}
		case hands.Err() != nil:
			return importOutcome{state: stepPending}
		case !isPassing(err) || backoff.Steps == 0:
			return importOutcome{state: stepFailed, err: err}
		}
		moment := backoff.Step()
		if seconds, suggested := apierrors.SuggestsClientDelay(err); suggested {
			moment = max(moment, min(time.Duration(seconds)*time.Second, maxServerDelay))
		}
		if pause(ctx, moment); ctx.Err() != nil {
			return importOutcome{state: stepPending}
		}
	}
}

// writeOnce does one write. After one that failed, what it would do may be done:
// an answer can get lost.
func (w *importWriter) writeOnce(ctx context.Context, step *importStep, again bool) error {
	switch step.operation {
	case operationDelete:
		return w.remove(ctx, step.member)
	case operationChange:
		_, err := patchMember(ctx, w.cluster, step.member, step.patch, w.mode)
		return err
	case operationAdd:
		return w.create(ctx, step.member, again)
	default:
		panic(fmt.Sprintf("unknown operation %d", step.operation))
	}
}

// create creates a Member.
func (w *importWriter) create(ctx context.Context, made *v1alpha1.Member, again bool) error {
	member := made.DeepCopy()
	options := []client.CreateOption{client.FieldOwner(fieldManager)}
	if w.mode == dryRunServer {
		options = append(options, client.DryRunAll)
	}
	err := w.cluster.Create(ctx, member, options...)
	if apierrors.IsAlreadyExists(err) && again && w.madeBefore(ctx, made) {
		return nil
	}
	return err
}

// madeBefore is whether a Member is there just as this import makes it.
func (w *importWriter) madeBefore(ctx context.Context, member *v1alpha1.Member) bool {
	found := &v1alpha1.Member{}
	if err := w.cluster.Get(ctx, client.ObjectKeyFromObject(member), found); err != nil {
		return false
	}
	return found.Labels[v1alpha1.ImportedByLabel] == v1alpha1.ImportedByValue && found.Spec.Email == member.Spec.Email
}

// remove deletes a Member, and not another one of its name.
func (w *importWriter) remove(ctx context.Context, member *v1alpha1.Member) error {
	options := []client.DeleteOption{client.Preconditions{UID: &member.UID}}
	if w.mode == dryRunServer {
		options = append(options, client.DryRunAll)
	}
	return client.IgnoreNotFound(w.cluster.Delete(ctx, &v1alpha1.Member{ObjectMeta: member.ObjectMeta}, options...))
}

// isPassing is whether an error may be gone when the same is tried again: the API
// server is too busy, or cannot be reached just now. A conflict is one with another
// writer, of a Member or of a quota.
func isPassing(err error) bool {
	var timeout net.Error
	return apierrors.IsTooManyRequests(err) || apierrors.IsConflict(err) ||
		apierrors.IsServerTimeout(err) || apierrors.IsTimeout(err) || apierrors.IsInternalError(err) || apierrors.IsServiceUnavailable(err) ||
		utilnet.IsConnectionRefused(err) || utilnet.IsConnectionReset(err) || utilnet.IsProbableEOF(err) || utilnet.IsHTTP2ConnectionLost(err) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
