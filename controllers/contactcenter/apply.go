package contactcenter

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/ownership"
)

// apply makes the writes of a plan.
func (r *reconciler) apply(ctx context.Context, observed observation, plan centerPlan, settings mail.Settings) error {
	if plan.sendMail {
		r.outbox.SetRoute(observed.center.Namespace, settings)
	} else {
		r.outbox.RemoveRoute(observed.center.Namespace)
	}
	switch plan.superAdmin {
	case createSuperAdmin:
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: observed.center.Namespace, Name: v1alpha1.SuperAdminMemberName}}
		if err := r.setSuperAdmin(observed.center, member); err != nil {
			return err
		}
		return client.IgnoreAlreadyExists(r.client.Create(ctx, member))
	case updateSuperAdmin:
		member := observed.superAdmin.DeepCopy()
		if err := r.setSuperAdmin(observed.center, member); err != nil {
			return err
		}
		// The patch fails if the Member changed since it was read.
		return r.client.Patch(ctx, member, client.MergeFromWithOptions(observed.superAdmin, client.MergeFromWithOptimisticLock{}))
	case replaceSuperAdmin:
		return ownership.Delete(ctx, r.client, observed.superAdmin)
	case keepSuperAdmin, foreignSuperAdmin:
		return nil
	default:
		return fmt.Errorf("unknown action %d for the Super Admin's Member", plan.superAdmin)
	}
}

// setSuperAdmin sets the spec and the controller of the Super Admin's Member.
func (r *reconciler) setSuperAdmin(center *v1alpha1.ContactCenter, member *v1alpha1.Member) error {
	member.Spec = superAdminSpec(center, member.Spec)
	return controllerutil.SetControllerReference(center, member, r.client.Scheme())
}
