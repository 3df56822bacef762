package operator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/controlplane"
)

// denialPatience is how long one cut-off may take.
const denialPatience = 30 * time.Second

// cutOffDesk forces members offline, one whenever the operator has looked at one of the
// probes, and sees in one watch on them all what becomes of it.
type cutOffDesk struct {
	*Bench

	events watch.Interface
	// probes are those that the operator has not looked at, and victims those that are
	// not cut off yet.
	probes  map[string]bool
	victims []string

	mu      sync.Mutex
	cutOffs map[string]*queueCutOff
	denied  int
	failed  error
}

// queueCutOff is one cut-off.
type queueCutOff struct {
	sent, answered, denied time.Time
}

// newDesk begins to watch the probes of a batch, and the victims.
func (w *Bench) newDesk(ctx context.Context, b batch) (*cutOffDesk, error) {
	d := &cutOffDesk{Bench: w, probes: map[string]bool{}, cutOffs: map[string]*queueCutOff{}}
	selection := []client.ListOption{client.InNamespace(setup.Namespace), client.MatchingLabels{watchedLabel: b.name}}
	var list v1alpha1.MemberList
	if err := w.Admin.List(ctx, &list, selection...); err != nil {
		return nil, err
	}
	for i := range list.Items {
		if member := &list.Items[i]; member.Labels[batchLabel] == b.name {
			d.probes[member.Name] = true
		} else {
			d.victims = append(d.victims, member.Name)
		}
	}
	selection = append(selection, &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: list.ResourceVersion}})
	var err error
	d.events, err = w.Admin.Watch(ctx, &list, selection...)
	return d, err
}

// run forces all victims offline, and returns when all are Denied.
func (d *cutOffDesk) run(ctx context.Context) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	var patching sync.WaitGroup
	defer func() {
		if err != nil {
			cancel() // otherwise the patches have been answered, or are about to be
		}
		patching.Wait()
		cancel()
		err = errors.Join(err, d.failed)
	}()
	count, next := len(d.victims), 0
	for d.denied < count {
		waiting, stop := context.WithTimeoutCause(ctx, standstill,
			fmt.Errorf("nothing happened for %s; of %d victims, %d are forced offline, and %d Denied", standstill, count, next, d.denied))
		member, err := nextMember(waiting, d.events)
		if err != nil {
			err = errors.Join(err, context.Cause(waiting))
		}
		stop()
		if err != nil {
			return err
		}
		d.note(member)
		if !d.probes[member.Name] || member.Status.ObservedGeneration < 0 || next == count {
			continue
		}
		delete(d.probes, member.Name)
		victim := d.victims[next]
		next++
		patching.Go(func() {
			if err := d.cutOff(ctx, victim); err != nil {
				d.fail(fmt.Errorf("forcing %s offline: %w", victim, err))
				cancel()
			}
		})
	}
	return nil
}

// note notes when a victim is seen Denied first.
func (d *cutOffDesk) note(member *v1alpha1.Member) {
	if member.Status.Login != v1alpha1.LoginDenied {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if one := d.cutOffs[member.Name]; one != nil && one.denied.IsZero() {
		one.denied = d.Now()
		d.denied++
	}
}

func (d *cutOffDesk) fail(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.failed = errors.Join(d.failed, err)
}

// cutOff forces a member offline, as people do.
func (d *cutOffDesk) cutOff(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, denialPatience)
	defer cancel()
	one := &queueCutOff{sent: d.Now()}
	d.mu.Lock()
	d.cutOffs[name] = one
	d.mu.Unlock()
	member := &v1alpha1.Member{}
	member.Namespace, member.Name = setup.Namespace, name
	patch := client.RawPatch(types.MergePatchType, []byte(`{"spec":{"forceOffline":true}}`))
	err := d.Admin.Patch(ctx, member, patch, client.FieldOwner(controlplane.FieldManager))
	d.mu.Lock()
	one.answered = d.Now()
	d.mu.Unlock()
	return err
}

// figures are those of all cut-offs, which are over.
func (d *cutOffDesk) figures() (q queueCutOffs) {
	var answered, sent, patch []time.Duration
	var first, last time.Time
	for _, one := range d.cutOffs {
		answered = append(answered, max(0, one.denied.Sub(one.answered)))
		sent = append(sent, one.denied.Sub(one.sent))
		patch = append(patch, one.answered.Sub(one.sent))
		if first.IsZero() || one.sent.Before(first) {
			first = one.sent
		}
		if one.sent.After(last) {
			last = one.sent
		}
	}
	q.Answered, q.Sent, q.Patch = report.DistributionOf(answered), report.DistributionOf(sent), report.DistributionOf(patch)
	q.Seconds = last.Sub(first).Seconds()
	return q
}
