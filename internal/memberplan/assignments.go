package memberplan

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/conditions"
)

// lacksLicense reports whether login is denied because there is no license. Without a ContactCenter,
// the last decision stands.
func (o *Observation) lacksLicense() bool {
	if o.Role.IsAdministrator() {
		return false
	}
	if o.Center == nil {
		return apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.LicenseAssignedCondition) != nil &&
			!assignment.Suits(assignment.ShownTier(o.Member), o.Role)
	}
	return o.License.Enabled && !assignment.Suits(o.License.Held, o.Role)
}

// licenseStatus returns the seat that a Member holds or waits for; nil for neither.
func licenseStatus(o Observation) *v1alpha1.LicenseStatus {
	if o.Center == nil && !o.IsDeleting() {
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

// licenseAssigned reports whether the Member holds the seat that it requests. It does not apply where
// the contact center has no licenses. Without a ContactCenter, the last verdict stands.
func licenseAssigned(o Observation) conditions.Verdict {
	requested, held := o.License.Request.Tier, o.License.Held
	switch {
	case o.Center == nil:
		if before := apimeta.FindStatusCondition(o.Member.Status.Conditions, v1alpha1.LicenseAssignedCondition); before != nil {
			return conditions.Verdict{Holds: before.Status == metav1.ConditionTrue, Reason: before.Reason, Message: before.Message}
		}
		return conditions.Verdict{}
	case !o.License.Enabled:
		return conditions.Verdict{}
	case requested != "" && requested == held:
		return conditions.True(v1alpha1.ReasonAssigned, fmt.Sprintf("The member holds a %s seat.", held))
	case requested != "":
		return conditions.False(v1alpha1.ReasonNoSeat, noSeatMessage(o))
	default:
		return conditions.False(v1alpha1.ReasonNotRequested, notRequestedMessage(o))
	}
}

// noSeatMessage says what the Member waits for.
func noSeatMessage(o Observation) string {
	message := fmt.Sprintf("No %s seat is free. The member gets the next one automatically. Free one, or raise spec.licenses.%s of the ContactCenter.",
		o.License.Request.Tier, strings.ToLower(string(o.License.Request.Tier)))
	if o.License.Held != "" {
		message += fmt.Sprintf(" Until then it keeps its %s seat, even if other members wait for one.", o.License.Held)
	}
	return message
}

// notRequestedMessage says why the Member requests no seat.
func notRequestedMessage(o Observation) string {
	message := "No license is requested for the member. Set spec.license, or have a MemberTemplate assign one."
	switch {
	case o.IsDeleting():
		return "The Member is being deleted, so it requests no license."
	case o.IsDuplicate():
		return "Another Member holds the e-mail address, so this one requests no license."
	case o.Member.Spec.License == v1alpha1.LicenseNone:
		message = "spec.license is None."
	case o.License.Request.Unsuited != "":
		message = fmt.Sprintf("A Supervisor needs a Premium license, and %s assigns %s. Set spec.license to Premium.",
			o.License.Request.Source, o.License.Request.Unsuited)
	}
	if o.Role.IsAdministrator() {
		message += " An administrator needs no license to log in."
	}
	return message
}

// licenseDiffers reports whether a Member has another license than its spec asks for. spec.license None
// asks for none, and so does an administrator whose spec says nothing.
func licenseDiffers(o Observation, assigned conditions.Verdict) bool {
	if !assigned.Fails() {
		return false
	}
	requested := o.License.Request.Tier != "" || o.License.Request.Unsuited != ""
	return requested || o.Member.Spec.License != v1alpha1.LicenseNone && !o.Role.IsAdministrator()
}

// maxTemplateUses is the bound of Member.status.templates.
const maxTemplateUses = 32

// placementResolved reports whether all that is requested exists and fits together. It does not apply
// where nothing is requested.
func placementResolved(placed Placement) conditions.Verdict {
	switch {
	case !placed.Requested:
		return conditions.Verdict{}
	case len(placed.Problems) == 0:
		return conditions.True(v1alpha1.ReasonResolved, "Site, teams, and profiles exist and fit together.")
	}
	messages := make([]string, 0, len(placed.Problems))
	for _, problem := range placed.Problems {
		messages = append(messages, problem.Message)
	}
	return conditions.False(placed.Problems[0].Reason, strings.Join(messages, " "))
}

// setAssignments writes the effective assignments of the Member into its status.
func setAssignments(status *v1alpha1.MemberStatus, o Observation) {
	status.License = licenseStatus(o)
	status.Role = nil
	if o.Role != o.Member.Spec.Role {
		status.Role = assignmentOrNil(o.Resolved.Role)
	}
	status.UserProfile = assignmentOrNil(o.UserProfile)
	status.DesktopProfile = assignmentOrNil(o.Placement.DesktopProfile)
	status.Site = assignmentOrNil(o.Placement.Site)
	status.Teams = o.Placement.Teams
	status.Templates = o.Resolved.Uses[:min(len(o.Resolved.Uses), maxTemplateUses)]
}

// assignmentOrNil returns nil for an assignment without a name.
func assignmentOrNil(assigned v1alpha1.Assignment) *v1alpha1.Assignment {
	if assigned.Name == "" {
		return nil
	}
	return &assigned
}
