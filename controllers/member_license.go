package controllers

import (
	"context"
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// licenseFacts are what is known of a Member's licence.
type licenseFacts struct {
	// on is whether the contact centre has licences.
	on bool
	// wish is what is asked for; nothing for a Member that is going away, or whose
	// e-mail address is somebody else's.
	wish licenseWish
	// held is the tier of the seat that the Member holds; empty for none.
	held v1alpha1.LicenseTier
}

// observeLicense finds out about a Member's licence. Without a ContactCenter, all
// stays as it was.
func (r *MemberReconciler) observeLicense(ctx context.Context, member *v1alpha1.Member, center *v1alpha1.ContactCenter, duplicate bool, wish licenseWish) (licenseFacts, error) {
	if center == nil || center.Spec.Licenses == nil {
		return licenseFacts{}, nil
	}
	if member.DeletionTimestamp != nil || duplicate {
		return licenseFacts{on: true}, nil
	}
	held, known, err := r.Seats.held(ctx, member)
	if err == nil && !known {
		err = errCacheBehind
	}
	return licenseFacts{on: true, wish: wish, held: held}, err
}

// lacksLicense is whether login is denied for want of a licence. Without a
// ContactCenter, it is if it was.
func lacksLicense(o memberObservation) bool {
	if o.role.IsAdministrator() {
		return false
	}
	if o.center == nil {
		return apimeta.FindStatusCondition(o.member.Status.Conditions, v1alpha1.LicenseAssignedCondition) != nil &&
			!suits(shownTier(o.member), o.role)
	}
	return o.license.on && !suits(o.license.held, o.role)
}

// licenseStatus is the seat that a Member holds or waits for; nil for neither.
func licenseStatus(o memberObservation) *v1alpha1.LicenseStatus {
	if o.center == nil && !isDeleting(o) {
		return o.member.Status.License
	}
	status := v1alpha1.LicenseStatus{Tier: o.license.held}
	if o.license.wish.tier != o.license.held {
		status.Requested = o.license.wish.tier
	}
	if status == (v1alpha1.LicenseStatus{}) {
		return nil
	}
	status.Source = o.license.wish.source
	return &status
}

// licenseAssigned is whether the Member holds the seat that it asks for. It has no
// reason where the contact centre has no licences.
func licenseAssigned(o memberObservation) verdict {
	wish, held := o.license.wish, o.license.held
	switch {
	case o.center == nil:
		if before := apimeta.FindStatusCondition(o.member.Status.Conditions, v1alpha1.LicenseAssignedCondition); before != nil {
			return verdict{holds: before.Status == "True", reason: before.Reason, message: before.Message}
		}
		return verdict{}
	case !o.license.on:
		return verdict{}
	case wish.tier != "" && wish.tier == held:
		return yes(v1alpha1.ReasonAssigned, fmt.Sprintf("the member holds a %s seat", held))
	case wish.tier != "":
		return no(v1alpha1.ReasonNoSeat, noSeatMessage(o))
	default:
		return no(v1alpha1.ReasonNotRequested, notRequestedMessage(o))
	}
}

// noSeatMessage says what the Member waits for.
func noSeatMessage(o memberObservation) string {
	message := fmt.Sprintf("no %s seat is free: the member gets the next one by itself; free one, or raise spec.licenses.%s of the ContactCenter",
		o.license.wish.tier, strings.ToLower(string(o.license.wish.tier)))
	if o.license.held != "" {
		message += fmt.Sprintf("; until then it keeps its %s seat, also where others wait for that one", o.license.held)
	}
	return message
}

// notRequestedMessage says why no seat is asked for.
func notRequestedMessage(o memberObservation) string {
	message := "nobody asks for a licence for the member: set spec.license, or have a MemberTemplate give one"
	switch {
	case isDeleting(o):
		return "the Member is being deleted, so it asks for no licence"
	case isDuplicate(o):
		return "another Member holds the e-mail address, so this one asks for no licence"
	case o.member.Spec.License == v1alpha1.LicenseNone:
		message = "spec.license is None"
	case o.license.wish.unsuited != "":
		message = fmt.Sprintf("a Supervisor needs a Premium licence, and %s gives %s: set spec.license to Premium",
			o.license.wish.source, o.license.wish.unsuited)
	}
	if o.role.IsAdministrator() {
		message += "; an administrator needs none to log in"
	}
	return message
}

// licenseDiffers is whether a Member has another licence than is asked for. None is
// what is asked for by spec.license None, and of an administrator by saying nothing.
func licenseDiffers(o memberObservation, assigned verdict) bool {
	if assigned.reason == "" || assigned.holds {
		return false
	}
	wanted := o.license.wish.tier != "" || o.license.wish.unsuited != ""
	return wanted || o.member.Spec.License != v1alpha1.LicenseNone && !o.role.IsAdministrator()
}

// countingProfile is the user profile that counts: the one that somebody names, else
// the one that follows from role and licence where the contact centre has licences.
func countingProfile(resolved resolution, licensed bool, held v1alpha1.LicenseTier) v1alpha1.Assignment {
	if resolved.userProfile.Name != "" || !licensed {
		return resolved.userProfile
	}
	name := v1alpha1.DefaultProfile(v1alpha1.Role(resolved.role.Name), held)
	if name == "" {
		return v1alpha1.Assignment{}
	}
	return v1alpha1.Assignment{Name: name, Source: v1alpha1.SourceDefault}
}
