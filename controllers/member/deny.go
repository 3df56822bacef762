package member

import (
	"context"
	"encoding/json"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/memberplan"
)

// denyAnyway writes that login is denied, and why, after a conflict on the status. A client that
// changes the Member all the time must not delay a denial. This is the only write without a
// resourceVersion, and it can only deny. The reconcile of the newer version corrects it and writes
// the rest of the status.
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
	// The spec in the response may be newer than the one that the event is about.
	member.Spec = before.Spec
	r.recordEvents(ctx, &member, memberplan.LoginEvents(before, &member))
	return nil
}
