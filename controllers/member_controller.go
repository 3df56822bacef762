package controllers

import (
	"context"
	"errors"
	"io"
	"time"

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
	// Seats decides who holds a licence.
	Seats *seatLedger
	// RoleBindings is whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Random is where passwords and issue IDs come from.
	Random io.Reader
	// Now is the clock.
	Now func() time.Time

	written writtenVersions
	leavers leavers
}

// Reconcile brings one Member to what its spec asks for, and takes away what one
// that is gone has left.
func (r *MemberReconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	member := &v1alpha1.Member{}
	err := r.Client.Get(ctx, request.NamespacedName, member, client.UnsafeDisableDeepCopy)
	switch {
	case apierrors.IsNotFound(err):
		result, err := r.clearAfter(ctx, request.NamespacedName)
		return settle(ctx, result, err)
	case err != nil:
		return ctrl.Result{}, err
	}
	r.leavers.forget(request.NamespacedName)
	if r.written.behind(member) {
		return settle(ctx, ctrl.Result{}, errCacheBehind)
	}
	result, err := r.reconcile(ctx, member, fromCache)
	if apierrors.IsAlreadyExists(err) {
		// There is a Secret or a RoleBinding that the cache does not have:
		// somebody else's, or one that it will have shortly.
		result, err = r.reconcile(ctx, member, fromServer)
	}
	return settle(ctx, result, err)
}

func (r *MemberReconciler) reconcile(ctx context.Context, member *v1alpha1.Member, source readSource) (ctrl.Result, error) {
	observed, found, err := r.observe(ctx, member, source)
	if err != nil {
		return ctrl.Result{}, err
	}
	plan := planMember(observed)
	done := r.apply(ctx, observed, plan, found)
	if err := done.overtaken(); err != nil {
		return ctrl.Result{}, err
	}
	outcome, err := r.outcome(ctx, observed, plan, done)
	if err != nil {
		return ctrl.Result{}, err
	}
	after, err := r.writeStatus(ctx, observed, outcome)
	if apierrors.IsConflict(err) {
		return ctrl.Result{}, errors.Join(err, r.denyAnyway(ctx, member))
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	r.Seats.settle(observed.member, after)
	if err := r.post(ctx, observed, after); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: plan.requeueAfter}, errors.Join(done.secretErr, done.bindingErr)
}

// forget drops what is kept for a Member that no longer exists.
func (r *MemberReconciler) forget(member *v1alpha1.Member) {
	r.Outbox.Forget(string(member.UID))
	r.Claims.release(member)
	r.written.forget(member)
}

// outcome describes what came of the writes. A write that failed leaves the
// object as it was observed, and the login state is written all the same: a
// cut-off does not wait for a quota.
func (r *MemberReconciler) outcome(ctx context.Context, observed memberObservation, plan memberPlan, done applied) (memberOutcome, error) {
	outcome := memberOutcome{secret: observed.secret, granted: done.granted}
	var err error
	if done.secretErr != nil {
		outcome.secretProblem = done.secretErr.Error()
	} else if plan.secret != keepSecret {
		if outcome.secret, err = r.describeSecret(ctx, observed.member, done.secret); err != nil {
			return outcome, err
		}
	}
	if done.bindingErr != nil {
		outcome.bindingProblem = done.bindingErr.Error()
	}
	outcome.binding, err = r.describeBinding(ctx, observed.member, done.binding)
	return outcome, err
}

// writeStatus derives the status and, if it differs, writes it in one patch on
// the condition that the Member is still as it was read. It returns the Member
// as the API server has it then.
func (r *MemberReconciler) writeStatus(ctx context.Context, observed memberObservation, outcome memberOutcome) (*v1alpha1.Member, error) {
	before := observed.member
	// It shares with the cache what is not written; what is read in the answer replaces it.
	after := &v1alpha1.Member{TypeMeta: before.TypeMeta, ObjectMeta: before.ObjectMeta, Spec: before.Spec, Status: memberStatus(observed, outcome)}
	written, err := patchStatus(ctx, r.Client, before, after)
	if err != nil || !written {
		return before, err
	}
	r.written.note(before)
	r.record(ctx, after, memberEvents(before, after, outcome.secret))
	return after, nil
}

// record tells people of events.
func (r *MemberReconciler) record(ctx context.Context, member *v1alpha1.Member, events []memberEvent) {
	for _, event := range events {
		// The message names an address, which a log of everybody's does not need.
		logf.FromContext(ctx).Info("Member changed", "reason", event.reason)
		r.Recorder.Eventf(member, nil, event.kind, event.reason, event.action, "%s", event.note())
	}
}
