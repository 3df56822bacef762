// Package memberplan decides what happens to a Member. It turns an [Observation]
// into a [Plan], and then both into the Member's whole status. It is pure: the
// controller of Members makes the observation and carries out the plan.
package memberplan

import (
	"fmt"
	"time"

	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/login"
	"rollcall.dev/rollcall/internal/mail"
)

// Observation holds everything that plan and status are derived from. It has no password and no
// client.
type Observation struct {
	// Now is the time of the observation.
	Now time.Time
	// Member is the cached Member. It is not changed.
	Member *v1alpha1.Member
	// Center is the namespace's ContactCenter; nil if there is none, or if it is being deleted.
	Center *v1alpha1.ContactCenter
	// Identity says which users members are at the API server; nil if members get no permissions.
	Identity *v1alpha1.Identity
	// Resolved is what the Member, templates, and the ContactCenter ask for. License is the seat that
	// the Member has of it, and Placement what exists of it.
	Resolved  assignment.Resolution
	License   License
	Placement Placement
	// Role is the effective role. UserProfile is the effective user profile; without a name, the
	// role alone determines the permissions.
	Role        v1alpha1.Role
	UserProfile v1alpha1.Assignment
	// Profile describes the user profile.
	Profile Profile
	// Secret describes the credentials Secret.
	Secret credentials.Facts
	// Binding describes the Member's RoleBinding.
	Binding Binding
	// Claims are the unique values that the Member holds; Rivals names the Members that hold the
	// others.
	Claims, Rivals v1alpha1.Claims
	// Groups are the SkillGroups that the Member is in, by name.
	Groups []v1alpha1.SkillGroupMembership
	// UnknownGroups are the requested names that no SkillGroup has.
	UnknownGroups []string
	// Result is the newest result of the e-mail with the current password; nil if there is none.
	Result *mail.Result
	// MailServer is what is known of the contact center's mail server.
	MailServer mail.Health
}

// License describes a Member's license.
type License struct {
	// Enabled reports that the contact center has licenses.
	Enabled bool
	// Request is the requested license; empty for a Member that is being deleted, and for a
	// duplicate.
	Request assignment.LicenseRequest
	// Held is the tier of the seat that the Member holds; empty for none.
	Held v1alpha1.LicenseTier
}

// Profile describes the effective user profile of a Member.
type Profile struct {
	// Found reports that the profile exists; built-in ones always do.
	Found bool
	// Administrators and Supervisors report that the profile's Role for them belongs to it and grants
	// exactly what it says.
	Administrators, Supervisors bool
}

// Placement is the part of the requested assignments that exists and fits together.
type Placement struct {
	// Requested reports that anything is requested.
	Requested bool
	// DesktopProfile and Site have no name for none. Teams are sorted by name.
	DesktopProfile, Site v1alpha1.Assignment
	Teams                []v1alpha1.Assignment
	// Problems lists what does not exist or does not fit, the gravest first.
	Problems []PlacementProblem
}

// PlacementProblem is a reason of the condition PlacementResolved, with its message.
type PlacementProblem struct {
	Reason, Message string
}

// Fail adds a problem.
func (p *Placement) Fail(reason, format string, args ...any) {
	p.Problems = append(p.Problems, PlacementProblem{reason, fmt.Sprintf(format, args...)})
}

// IsDeleting reports whether the Member is being deleted.
func (o *Observation) IsDeleting() bool { return o.Member.DeletionTimestamp != nil }

// IsDuplicate reports whether another Member holds the e-mail address.
func (o *Observation) IsDuplicate() bool { return o.Claims.Email == "" }

// denial returns why login is denied to the Member, which may be newer than the observed one; empty
// if login is allowed.
func (o *Observation) denial(member *v1alpha1.Member, issued bool) v1alpha1.LoginReason {
	return login.Denial(login.Facts{
		Spec: &member.Spec, Deleting: member.DeletionTimestamp != nil,
		Duplicate: o.IsDuplicate(), NotIssued: !issued, Unlicensed: o.lacksLicense(),
	}, o.Now)
}

// IsResetRequested reports whether spec.passwordReset has a value that was not handled yet.
func (o *Observation) IsResetRequested() bool {
	requested := o.Member.Spec.PasswordReset
	return requested != "" && requested != o.handledReset()
}

// handledReset returns the value of spec.passwordReset that was handled last. The Secret is the truth
// about it; the status counts only where the Member has no intact Secret.
func (o *Observation) handledReset() string {
	if o.Secret.Valid() {
		return o.Secret.PasswordReset
	}
	return ptr.Deref(o.Member.Status.Credentials, v1alpha1.CredentialsStatus{}).PasswordReset
}

// KnowsIssue reports whether the Member's status describes the password of the Secret.
func (o *Observation) KnowsIssue() bool {
	known := o.Member.Status.Credentials
	return known != nil && known.IssueID == o.Secret.IssueID
}
