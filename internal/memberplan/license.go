package memberplan

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/conditions"
)

// lacksLicense is whether login is denied for want of a licence. Without a
// ContactCenter, it is if it was.
func lacksLicense(o Observation) bool {
	if o.Role.IsAdministrator() {
		return false
	}
	if o.Center == nil {
		return apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.LicenseAssignedCondition) != nil &&
			!assignment.Suits(assignment.ShownTier(o.Member), o.Role)
	}
	return o.License.Enabled && !assignment.Suits(o.License.Held, o.Role)
}

// licenseStatus is the seat that a Member holds or waits for; nil for neither.
func licenseStatus(o Observation) *v1alpha1.LicenseStatus {
	if o.Center == nil && !isDeleting(o) {
		return o.Member.Status.License
	}
	status := v1alpha1.LicenseStatus{Tier: o.License.Held}
	if o.License.Request.Tier != o.License.Held {
		status.Requested = o.License.Request.Tier
	}
	if status == (v1alpha1.LicenseStatus{}) {
		return nil
	}
	status.Source = o.License.Request.Source
	return &status
}

// licenseAssigned is whether the Member holds the seat that it asks for. It has no
// reason where the contact centre has no licences.
func licenseAssigned(o Observation) conditions.Verdict {
	wish, held := o.License.Request, o.License.Held
	switch {
	case o.Center == nil:
		if before := apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.LicenseAssignedCondition); before != nil {
			return conditions.Verdict{Holds: before.Status == "True", Reason: before.Reason, Message: before.Message}
		}
		return conditions.Verdict{}
	case !o.License.Enabled:
		return conditions.Verdict{}
	case wish.Tier != "" && wish.Tier == held:
		return conditions.True(v1alpha1.ReasonAssigned, fmt.Sprintf("the member holds a %s seat", held))
	case wish.Tier != "":
		return conditions.False(v1alpha1.ReasonNoSeat, noSeatMessage(o))
	default:
		return conditions.False(v1alpha1.ReasonNotRequested, notRequestedMessage(o))
	}
}

// noSeatMessage says what the Member waits for.
func noSeatMessage(o Observation) string {
	message := fmt.Sprintf("no %s seat is free: the member gets the next one by itself; free one, or raise spec.licenses.%s of the ContactCenter",
		o.License.Request.Tier, strings.ToLower(string(o.License.Request.Tier)))
	if o.License.Held != "" {
		message += fmt.Sprintf("; until then it keeps its %s seat, also where others wait for that one", o.License.Held)
	}
	return message
}

// notRequestedMessage says why no seat is asked for.
func notRequestedMessage(o Observation) string {
	message := "nobody asks for a licence for the member: set spec.license, or have a MemberTemplate give one"
	switch {
	case isDeleting(o):
		return "the Member is being deleted, so it asks for no licence"
	case IsDuplicate(o):
		return "another Member holds the e-mail address, so this one asks for no licence"
	case o.Member.Spec.License == v1alpha1.LicenseNone:
		message = "spec.license is None"
	case o.License.Request.Unsuited != "":
		message = fmt.Sprintf("a Supervisor needs a Premium licence, and %s gives %s: set spec.license to Premium",
			o.License.Request.Source, o.License.Request.Unsuited)
	}
	if o.Role.IsAdministrator() {
		message += "; an administrator needs none to log in"
	}
	return message
}

// licenseDiffers is whether a Member has another licence than is asked for. None is
// what is asked for by spec.license None, and of an administrator by saying nothing.
func licenseDiffers(o Observation, assigned conditions.Verdict) bool {
	if assigned.Reason == "" || assigned.Holds {
		return false
	}
	wanted := o.License.Request.Tier != "" || o.License.Request.Unsuited != ""
	return wanted || o.Member.Spec.License != v1alpha1.LicenseNone && !o.Role.IsAdministrator()
}
