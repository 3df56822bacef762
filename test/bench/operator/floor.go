package operator

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/setup"
)

// writtenSample is what the operator wrote for one new Member.
type writtenSample struct {
	secret *corev1.Secret
	// statuses are those after the first and after the second patch.
	statuses []v1alpha1.MemberStatus
}

// takeSample has the operator look after one Member, and keeps what it writes.
func (w *Bench) takeSample(ctx context.Context) error {
	if err := w.StartOperator(ctx); err != nil {
		return err
	}
	if err := w.awaitMessages(ctx); err != nil {
		return err
	}
	b := batch{name: "sample", first: setup.MaxMembers - 1, count: 1}
	member := b.member(setup.Namespace, 0)
	events, err := w.Admin.Watch(ctx, &v1alpha1.MemberList{}, client.InNamespace(setup.Namespace), client.MatchingLabels{batchLabel: b.name})
	if err != nil {
		return err
	}
	defer events.Stop()
	if err := w.makeBatch(ctx, b); err != nil {
		return err
	}
	w.sample = &writtenSample{secret: &corev1.Secret{}}
	for ready := false; !ready; {
		seen, err := nextMember(ctx, events)
		if err != nil {
			return err
		}
		if seen.Status.ObservedGeneration >= 0 {
			w.sample.statuses = append(w.sample.statuses, seen.Status)
		}
		ready = isReady(seen)
	}
	if count := len(w.sample.statuses); count != 2 {
		return fmt.Errorf("the operator patched the status of a new Member %d times: the floor is made for 2", count)
	}
	key := client.ObjectKey{Namespace: setup.Namespace, Name: member.CredentialsSecretName()}
	if err := w.asOperator.Get(ctx, key, w.sample.secret); err != nil {
		return err
	}
	return w.stopOperator()
}

// nextMember is the next Member that a watch shows.
func nextMember(ctx context.Context, events watch.Interface) (*v1alpha1.Member, error) {
	select {
	case event, open := <-events.ResultChan():
		if member, ok := event.Object.(*v1alpha1.Member); open && ok {
			return member, nil
		}
		return nil, fmt.Errorf("the watch on Members ended: %w", apierrors.FromObject(event.Object))
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// FloorFigures are what a bare loop does.
type FloorFigures struct {
	Members   int     `json:"members"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"membersPerSecond"`
	// Halves are the members a second of the two halves.
	Halves []float64 `json:"halvesMembersPerSecond"`
	CPU    cpuUse    `json:"cpuSeconds"`
	// Others are requests that are not the floor's.
	Others []requestFigures `json:"requestsOfOthers"`

	others requests
}

// MeasureFloor makes one half of the floor's Members.
func (w *Bench) MeasureFloor(ctx context.Context) error {
	if err := w.stopOperator(); err != nil {
		return err
	}
	b := batch{name: "members", first: w.floorMade, count: w.Options.Floor / 2}
	w.floorMade += b.count
	w.Printf("the floor: %d Members", b.count)
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	started := w.Now()
	err = setup.InParallel(ctx, w.Concurrency, b.count, func(ctx context.Context, i int) error {
		return w.makeOnFloor(ctx, b.member(floorNamespace, i))
	})
	took := w.Since(started)
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	after, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	f := &w.Floor
	f.Members += b.count
	f.Seconds += took.Seconds()
	f.PerSecond = float64(f.Members) / f.Seconds
	f.Halves = append(f.Halves, float64(b.count)/took.Seconds())
	f.CPU = f.CPU.plus(after.cpu.minus(before.cpu))
	f.others = f.others.plus(after.foreign.minus(before.foreign))
	f.Others = f.others.figures(f.Members)
	return nil
}

// makeOnFloor makes the writes for one Member.
func (w *Bench) makeOnFloor(ctx context.Context, member *v1alpha1.Member) error {
	if err := w.Admin.Create(ctx, member); err != nil {
		return err
	}
	made := w.sample.secret
	if err := w.CreateSecret(ctx, w.asOperator, member, made.Annotations, made.Data[corev1.BasicAuthPasswordKey]); err != nil {
		return err
	}
	for _, status := range w.sample.statuses {
		before := member.DeepCopy()
		status.DeepCopyInto(&member.Status)
		member.Status.Credentials.SecretName = member.CredentialsSecretName()
		member.Status.Claims = setup.ClaimsOf(member)
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
		if err := w.asOperator.Status().Patch(ctx, member, patch); err != nil {
			return err
		}
	}
	return nil
}
