package member

import (
	"context"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/memberplan"
)

// observeLicense finds out about a Member's licence. Without a ContactCenter, all
// stays as it was.
func (r *reconciler) observeLicense(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, duplicate bool, wish assignment.LicenseRequest) (memberplan.License, error) {
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
	return memberplan.License{Enabled: true, Request: wish, Held: held}, err
}
