package member

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/memberplan"
)

// denyAnyway writes that login is denied, and why, whatever else is written to
// the Member meanwhile: somebody who writes to it all the time must not keep a
// cut-off from taking hold. It is the one write without a resourceVersion, and
// can only err towards denial; a reconcile of the newer version puts that right,
// and writes the rest of the status.
func (r *reconciler) denyAnyway(ctx context.Context, observed *v1alpha1.Member) error {
	var member v1alpha1.Member
	if err := r.Live.Get(ctx, client.ObjectKeyFromObject(observed), &member); err != nil {
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
	// The reply may have a spec that was changed again meanwhile; the event is about the
	// assignment.NonEmpty that was read.
	member.Spec = before.Spec
	r.record(ctx, &member, memberplan.LoginEvents(before, &member))
	return nil
}
