package controllers

import (
	"context"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// MemberReconciler issues and mails passwords, and keeps memberships and the
// login state. A reconcile is four steps, one way: observe, plan, apply, status.
type MemberReconciler struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads from the API server, where the cache may be behind.
	Live client.Reader
	// Recorder writes events.
	Recorder events.EventRecorder
	// Outbox sends letters.
	Outbox *mail.Outbox
	// Claims decides who holds a unique value.
	Claims *claimRegistry
	// Random is where passwords and issue IDs come from.
	Random io.Reader
	// Now is the clock.
	Now func() time.Time

	written writtenVersions
}

// Reconcile brings one Member to what its spec asks for.
func (r *MemberReconciler) Reconcile(ctx context.Context, member *v1alpha1.Member) (ctrl.Result, error) {
	if r.written.behind(member) {
		return settle(ctx, ctrl.Result{}, errCacheBehind)
	}
	result, err := r.reconcile(ctx, member, secretFromCache)
	if apierrors.IsAlreadyExists(err) {
		// There is a Secret that the cache does not have: somebody else's, or
		// one that it will have shortly.
		result, err = r.reconcile(ctx, member, secretFromServer)
	}
	return settle(ctx, result, err)
}

func (r *MemberReconciler) reconcile(ctx context.Context, member *v1alpha1.Member, source secretSource) (ctrl.Result, error) {
	observed, secret, err := r.observe(ctx, member, source)
	if err != nil {
		return ctrl.Result{}, err
	}
	plan := planMember(observed)
	applied, applyErr := r.apply(ctx, observed, plan, secret)
	switch {
	case apierrors.IsAlreadyExists(applyErr), apierrors.IsConflict(applyErr):
		return ctrl.Result{}, applyErr // nothing was learnt that a status could tell
	case apierrors.IsNotFound(applyErr):
		return ctrl.Result{}, errCacheBehind // the Secret went meanwhile
	}
	outcome, err := r.outcome(ctx, observed, plan, applied, applyErr)
	if err != nil {
		return ctrl.Result{}, err
	}
	after, err := r.writeStatus(ctx, observed, outcome)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.post(ctx, observed, after); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: plan.requeueAfter}, applyErr
}

// forget drops what is kept for a Member that no longer exists.
func (r *MemberReconciler) forget(member *v1alpha1.Member) {
	r.Outbox.Forget(string(member.UID))
	r.Claims.release(member)
	r.written.forget(member)
}

// outcome describes what came of the writes. A write that failed leaves the
// Secret as it was observed, and the login state is written all the same: a
// cut-off does not wait for a quota.
func (r *MemberReconciler) outcome(ctx context.Context, observed memberObservation, plan memberPlan, applied *corev1.Secret, applyErr error) (memberOutcome, error) {
	if applyErr != nil {
		return memberOutcome{secret: observed.secret, problem: applyErr.Error()}, nil //nolint:nilerr // the caller returns it once the status is written
	}
	if plan.secret == keepSecret {
		return memberOutcome{secret: observed.secret}, nil
	}
	facts, err := r.describeSecret(ctx, observed.member, applied)
	return memberOutcome{secret: facts}, err
}

// writeStatus derives the status and, if it differs, writes it in one patch on
// the condition that the Member is still as it was read. It returns the Member
// as the API server has it then.
func (r *MemberReconciler) writeStatus(ctx context.Context, observed memberObservation, outcome memberOutcome) (*v1alpha1.Member, error) {
	before := observed.member
	after := before.DeepCopy()
	after.Status = memberStatus(observed, outcome)
	written, err := patchStatus(ctx, r.Client, before, after)
	if err != nil || !written {
		return before, err
	}
	r.written.note(before)
	for _, event := range memberEvents(before, after, outcome.secret) {
		// The message names an address, which a log of everybody's does not need.
		logf.FromContext(ctx).Info("Member changed", "reason", event.reason)
		r.Recorder.Eventf(after, nil, event.kind, event.reason, event.action, "%s", event.note())
	}
	return after, nil
}
