package member

import (
	"context"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
)

// observeLicense describes a Member's license. Its result is the zero value in a contact center
// without licenses.
func (r *reconciler) observeLicense(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, duplicate bool, request assignment.LicenseRequest) (memberplan.License, error) {
	if center == nil || center.Spec.Licenses == nil {
		return memberplan.License{}, nil
	}
	if member.DeletionTimestamp != nil || duplicate {
		return memberplan.License{Enabled: true}, nil
	}
	held, known, err := r.Seats.Held(ctx, member)
	if err == nil && !known {
		err = kube.ErrStaleCache
	}
	return memberplan.License{Enabled: true, Request: request, Held: held}, err
}
