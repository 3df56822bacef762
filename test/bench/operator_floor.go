package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// writtenSample is what the operator wrote for one new Member.
type writtenSample struct {
	secret *corev1.Secret
	// statuses are those after the first and after the second patch.
	statuses []v1alpha1.MemberStatus
}

// takeSample has the operator look after one Member, and keeps what it writes.
func (w *operatorBench) takeSample(ctx context.Context, _ *operatorReport) error {
	if err := w.startOperator(ctx); err != nil {
		return err
	}
	if err := w.awaitMessages(ctx); err != nil {
		return err
	}
	b := batch{name: "sample", first: maxMembers - 1, count: 1}
	member := b.member(deskNamespace, 0)
	events, err := w.admin.Watch(ctx, &v1alpha1.MemberList{}, client.InNamespace(deskNamespace), client.MatchingLabels{batchLabel: b.name})
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
	key := client.ObjectKey{Namespace: deskNamespace, Name: member.CredentialsSecretName()}
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

// floorFigures are what a bare loop does.
type floorFigures struct {
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

// measureFloor makes one half of the floor's Members.
func (w *operatorBench) measureFloor(ctx context.Context, report *operatorReport) error {
	if err := w.stopOperator(); err != nil {
		return err
	}
	b := batch{name: "members", first: w.floorMade, count: w.floor / 2}
	w.floorMade += b.count
	w.say("the floor: %d Members", b.count)
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	started := w.now()
	err = inParallel(ctx, w.concurrency, b.count, func(ctx context.Context, i int) error {
		return w.makeOnFloor(ctx, b.member(floorNamespace, i))
	})
	took := w.since(started)
	if err != nil {
		return fmt.Errorf("the floor: %w", err)
	}
	after, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	f := &report.Floor
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
func (w *operatorBench) makeOnFloor(ctx context.Context, member *v1alpha1.Member) error {
	if err := w.admin.Create(ctx, member); err != nil {
		return err
	}
	made := w.sample.secret
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: member.Namespace, Name: member.CredentialsSecretName(), Annotations: made.Annotations,
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: member.Name},
		},
		Type: made.Type,
		Data: map[string][]byte{
			corev1.BasicAuthUsernameKey: []byte(member.Spec.Email),
			corev1.BasicAuthPasswordKey: made.Data[corev1.BasicAuthPasswordKey],
		},
	}
	if err := controllerutil.SetControllerReference(member, secret, w.admin.Scheme()); err != nil {
		return err
	}
	if err := w.asOperator.Create(ctx, secret); err != nil {
		// The server's answer may repeat what it was sent.
		return fmt.Errorf("making the Secret %s failed: %s", client.ObjectKeyFromObject(secret), apierrors.ReasonForError(err))
	}
	for _, status := range w.sample.statuses {
		before := member.DeepCopy()
		status.DeepCopyInto(&member.Status)
		member.Status.Credentials.SecretName = secret.Name
		member.Status.Claims = &v1alpha1.Claims{Email: member.Spec.Email, AgentID: member.Spec.AgentID, Extension: member.Spec.Extension}
		patch := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
		if err := w.asOperator.Status().Patch(ctx, member, patch); err != nil {
			return err
		}
	}
	return nil
}
