package contactcenter

import (
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// superAdminAction is what is done about the Super Admin's Member.
type superAdminAction int

const (
	// keepSuperAdmin does nothing.
	keepSuperAdmin superAdminAction = iota
	// createSuperAdmin makes it.
	createSuperAdmin
	// updateSuperAdmin makes it what the ContactCenter says, and ours.
	updateSuperAdmin
	// replaceSuperAdmin deletes it, so that it can be made anew.
	replaceSuperAdmin
	// disputeSuperAdmin leaves alone what belongs to something else.
	disputeSuperAdmin
)

// centerPlan is what a reconcile is going to do.
type centerPlan struct {
	superAdmin superAdminAction
	// sendMail is whether the outbox gets the mail settings; else they are taken
	// from it.
	sendMail bool
}

// newPlan decides what is done for a ContactCenter.
func newPlan(observed observation) centerPlan {
	if observed.center.DeletionTimestamp != nil {
		return centerPlan{}
	}
	return centerPlan{
		superAdmin: planSuperAdmin(observed.center, observed.superAdmin),
		sendMail:   observed.center.Spec.Mail != nil && observed.mailProblem == nil,
	}
}

// planSuperAdmin decides what is done about the Super Admin's Member. The name
// belongs to the operator, so a Member without a controller is taken over; one
// of a ContactCenter that was here before is replaced, as its garbage collection
// would do.
func planSuperAdmin(center *v1alpha1.ContactCenter, member *v1alpha1.Member) superAdminAction {
	if member == nil {
		return createSuperAdmin
	}
	if member.DeletionTimestamp != nil {
		return keepSuperAdmin // its end brings us back here
	}
	owner := metav1.GetControllerOf(member)
	switch {
	case owner != nil && !isContactCenter(owner):
		return disputeSuperAdmin
	case owner != nil && owner.UID != center.UID, member.Spec.Email != center.Spec.SuperAdmin.Email:
		return replaceSuperAdmin
	case owner == nil, !equality.Semantic.DeepEqual(member.Spec, superAdminSpec(center, member.Spec)):
		return updateSuperAdmin
	default:
		return keepSuperAdmin
	}
}

// superAdminSpec makes a spec the Super Admin's. What the ContactCenter does not
// speak of stays as it is: above all, a cut-off is not undone.
func superAdminSpec(center *v1alpha1.ContactCenter, before v1alpha1.MemberSpec) v1alpha1.MemberSpec {
	asked := center.Spec.SuperAdmin
	spec := *before.DeepCopy()
	spec.Name, spec.Email, spec.Role = asked.Name, asked.Email, v1alpha1.RoleSuperAdmin
	if asked.PasswordReset != "" {
		spec.PasswordReset = asked.PasswordReset
	}
	return spec
}

// isContactCenter is whether an owner is a ContactCenter.
func isContactCenter(owner *metav1.OwnerReference) bool {
	return owner.Kind == "ContactCenter" && owner.APIVersion == v1alpha1.GroupVersion.String()
}
