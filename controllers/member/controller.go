// Package member reconciles Members. A reconcile observes the Member and the objects around it,
// plans with package memberplan, applies the plan to the Secret and the RoleBinding, and patches
// the status. The package also runs the outbox for the e-mails to members.
package member

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/claims"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/memberplan"
	"rollcall.dev/rollcall/internal/ownership"
)

// reconciler reconciles Members: their passwords, e-mails, memberships, permissions, and login state.
type reconciler struct {
	// Client reads from the cache, and writes.
	Client client.Client
	// Lookup reads the objects of Members, and their owners.
	Lookup ownership.Lookup
	// Recorder writes events.
	Recorder events.EventRecorder
	// Outbox sends e-mails.
	Outbox *mail.Outbox
	// Claims decides which Member holds a unique value.
	Claims *claims.Registry
	// Seats decides which Member holds a license.
	Seats *licensing.Allocator
	// RoleBindings reports whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Random is the source of passwords and issue IDs.
	Random io.Reader
	// Now is the clock.
	Now func() time.Time

	written    kube.WrittenVersions
	departures departures
}

// Reconcile implements reconcile.Reconciler. It also removes what a departed member left.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	member := &v1alpha1.Member{}
	err := r.Client.Get(ctx, request.NamespacedName, member, client.UnsafeDisableDeepCopy)
	switch {
	case apierrors.IsNotFound(err):
		result, err := r.cleanUp(ctx, request.NamespacedName)
		return kube.HandleError(ctx, result, err)
	case err != nil:
		return ctrl.Result{}, err
	}
	r.departures.forget(request.NamespacedName)
	if r.written.IsStale(member) {
		return kube.HandleError(ctx, ctrl.Result{}, kube.ErrStaleCache)
	}
	return ownership.Reconcile(ctx, func(ctx context.Context, source kube.ReadSource) (ctrl.Result, error) {
		return r.reconcile(ctx, member, source)
	})
}

func (r *reconciler) reconcile(ctx context.Context, member *v1alpha1.Member, source kube.ReadSource) (ctrl.Result, error) {
	observed, found, err := r.observe(ctx, member, source)
	if err != nil {
		return ctrl.Result{}, err
	}
	plan := memberplan.For(observed)
	done := r.apply(ctx, observed, plan, found)
	if err := ownership.Overtaken(done.secretErr, done.bindingErr); err != nil {
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
	r.Seats.StatusWritten(observed.Member, after)
	if err := r.post(ctx, observed, after); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: plan.RequeueAfter}, errors.Join(done.secretErr, done.bindingErr)
}

// forget drops what is kept in memory for a Member that no longer exists.
func (r *reconciler) forget(member *v1alpha1.Member) {
	r.Outbox.Forget(string(member.UID))
	r.Claims.Release(member)
	r.written.Forget(member)
}

// outcome describes the results of the writes. An object that could not be written is as it was
// observed. The status is written all the same: a quota must not delay a denial.
func (r *reconciler) outcome(ctx context.Context, observed memberplan.Observation, plan memberplan.Plan, done applied) (memberplan.Outcome, error) {
	outcome := memberplan.Outcome{Secret: observed.Secret, Granted: done.granted}
	var err error
	if done.secretErr != nil {
		outcome.SecretProblem = done.secretErr.Error()
	} else if plan.Secret != memberplan.KeepSecret {
		if outcome.Secret, err = r.describeSecret(ctx, observed.Member, done.secret); err != nil {
			return outcome, err
		}
	}
	if done.bindingErr != nil {
		outcome.BindingProblem = done.bindingErr.Error()
	}
	outcome.Binding, err = r.describeBinding(ctx, observed.Member, done.binding)
	return outcome, err
}

// writeStatus derives the status and, if it differs, writes it in one patch, if the Member is still
// in the version that was read. It returns the Member as it is afterwards.
func (r *reconciler) writeStatus(ctx context.Context, observed memberplan.Observation, outcome memberplan.Outcome) (*v1alpha1.Member, error) {
	before := observed.Member
	// The metadata and the spec are shared with the cache. The client empties after before it
	// decodes the response, so that the cache's maps and pointers stay as they are.
	after := &v1alpha1.Member{TypeMeta: before.TypeMeta, ObjectMeta: before.ObjectMeta, Spec: before.Spec, Status: memberplan.Status(observed, outcome)}
	written, err := kube.PatchStatus(ctx, r.Client, before, after)
	if err != nil || !written {
		return before, err
	}
	r.written.Note(before)
	r.recordEvents(ctx, after, memberplan.Events(before, after, outcome.Secret))
	return after, nil
}

// recordEvents logs events and sends them to the API server.
func (r *reconciler) recordEvents(ctx context.Context, member *v1alpha1.Member, events []memberplan.Event) {
	for _, event := range events {
		// The message may contain an e-mail address, so it is not logged.
		logf.FromContext(ctx).Info("Member changed", "reason", event.Reason)
		r.Recorder.Eventf(member, nil, event.Type, event.Reason, event.Action, "%s", event.Note())
	}
}

// denyAnyway writes that login is denied, and why, after a conflict on the status. A client that
// changes the Member all the time must not delay a denial. This is the only write without a
// resourceVersion, and it can only deny. The reconcile of the newer version corrects it and writes
// the rest of the status.
func (r *reconciler) denyAnyway(ctx context.Context, observed *v1alpha1.Member) error {
	var member v1alpha1.Member
	if err := r.Lookup.Live.Get(ctx, client.ObjectKeyFromObject(observed), &member); err != nil {
		return client.IgnoreNotFound(err)
	}
	reason := member.DeniesLogin(r.Now())
	if member.UID != observed.UID || reason == "" || member.Status.Login == v1alpha1.LoginDenied {
		return nil
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": member.UID},
		"status":   map[string]any{"login": v1alpha1.LoginDenied, "loginReason": reason},
	})
	if err != nil {
		return err
	}
	before := member.DeepCopy()
	if err := r.Client.Status().Patch(ctx, &member, client.RawPatch(types.MergePatchType, patch)); err != nil {
		return client.IgnoreNotFound(err)
	}
	// The spec in the response may be newer than the one that the event is about.
	member.Spec = before.Spec
	r.recordEvents(ctx, &member, memberplan.LoginEvents(before, &member))
	return nil
}
