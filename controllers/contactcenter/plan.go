package contactcenter

import (
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// superAdminAction is what apply does to the Super Admin's Member.
type superAdminAction int

const (
	// keepSuperAdmin does nothing.
	keepSuperAdmin superAdminAction = iota
	// createSuperAdmin creates it.
	createSuperAdmin
	// updateSuperAdmin writes the spec from the ContactCenter, and takes ownership.
	updateSuperAdmin
	// replaceSuperAdmin deletes it, so that the next reconcile creates a new one.
	replaceSuperAdmin
	// foreignSuperAdmin leaves a Member alone that belongs to something else.
	foreignSuperAdmin
)

// centerPlan holds the decisions of a reconcile.
type centerPlan struct {
	superAdmin superAdminAction
	// sendMail reports whether the outbox gets the mail settings. Otherwise they are
	// removed from it.
	sendMail bool
}

// newPlan returns the plan for a ContactCenter.
func newPlan(observed observation) centerPlan {
	if observed.center.DeletionTimestamp != nil {
		return centerPlan{}
	}
	return centerPlan{
		superAdmin: planSuperAdmin(observed.center, observed.superAdmin),
		sendMail:   observed.center.Spec.Mail != nil && observed.mailProblem == nil,
	}
}

// planSuperAdmin returns the action for the Super Admin's Member. The name is reserved
// for the operator, so it takes over a Member without a controller. It replaces a Member
// of an earlier ContactCenter, which the garbage collector would delete anyway.
func planSuperAdmin(center *v1alpha1.ContactCenter, member *v1alpha1.Member) superAdminAction {
	if member == nil {
		return createSuperAdmin
	}
	if member.DeletionTimestamp != nil {
		return keepSuperAdmin // the event of its deletion triggers the next reconcile
	}
	owner := metav1.GetControllerOf(member)
	switch {
	case owner != nil && !ownership.IsContactCenter(owner):
		return foreignSuperAdmin
	case owner != nil && owner.UID != center.UID, member.Spec.Email != center.Spec.SuperAdmin.Email:
		return replaceSuperAdmin
	case owner == nil, !equality.Semantic.DeepEqual(member.Spec, superAdminSpec(center, member.Spec)):
		return updateSuperAdmin
	default:
		return keepSuperAdmin
	}
}

// superAdminSpec returns a spec with the values of the ContactCenter. Other fields stay
// as they are, so that a denial of login is not undone.
func superAdminSpec(center *v1alpha1.ContactCenter, before v1alpha1.MemberSpec) v1alpha1.MemberSpec {
	wanted := center.Spec.SuperAdmin
	spec := *before.DeepCopy()
	spec.Name, spec.Email, spec.Role = wanted.Name, wanted.Email, v1alpha1.RoleSuperAdmin
	if wanted.PasswordReset != "" {
		spec.PasswordReset = wanted.PasswordReset
	}
	return spec
}
