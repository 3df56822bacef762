package controllers

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// apply makes the writes of a plan.
func (r *ContactCenterReconciler) apply(ctx context.Context, observed contactCenterObservation, plan contactCenterPlan, settings mail.Settings) error {
	if plan.sendMail {
		r.Outbox.SetRoute(observed.center.Namespace, settings)
	} else {
		r.Outbox.RemoveRoute(observed.center.Namespace)
	}
	switch plan.superAdmin {
	case createSuperAdmin:
		member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: observed.center.Namespace, Name: v1alpha1.SuperAdminMemberName}}
		return client.IgnoreAlreadyExists(r.writeSuperAdmin(ctx, observed.center, member, func() error { return r.Client.Create(ctx, member) }))
	case updateSuperAdmin:
		member := observed.superAdmin.DeepCopy()
		return r.writeSuperAdmin(ctx, observed.center, member, func() error { return r.Client.Update(ctx, member) })
	case replaceSuperAdmin:
		return client.IgnoreNotFound(r.Client.Delete(ctx, observed.superAdmin, client.Preconditions{UID: &observed.superAdmin.UID}))
	case keepSuperAdmin, disputeSuperAdmin:
		return nil
	default:
		return nil
	}
}

// writeSuperAdmin makes a Member the Super Admin's and writes it. An update
// carries the resourceVersion that was read.
func (r *ContactCenterReconciler) writeSuperAdmin(_ context.Context, center *v1alpha1.ContactCenter, member *v1alpha1.Member, write func() error) error {
	member.Spec = superAdminSpec(center)
	if err := controllerutil.SetControllerReference(center, member, r.Client.Scheme()); err != nil {
		return err
	}
	return write()
}
