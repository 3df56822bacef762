package memberplan

import (
	"fmt"
	"time"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/mail"
)

// License are what is known of a Member's licence.
type License struct {
	// on is whether the contact centre has licences.
	Enabled bool
	// wish is what is asked for; nothing for a Member that is going away, or whose
	// e-mail address is somebody else's.
	Request assignment.LicenseRequest
	// held is the tier of the seat that the Member holds; empty for none.
	Held v1alpha1.LicenseTier
}

// Observation is all that planning and status know of the world. It has no
// password and no client in it.
type Observation struct {
	// now is when it was made.
	Now time.Time
	// member is the Member as the cache has it. Not to be changed.
	Member *v1alpha1.Member
	// center is the namespace's ContactCenter; nil if there is none, or if it is
	// being deleted.
	Center *v1alpha1.ContactCenter
	// identity says who members are at the API server; nil if none of them is to
	// have permissions there.
	Identity *v1alpha1.Identity
	// resolved is what the Member, templates and the ContactCenter ask for, license
	// the seat that it has of that, and placement where it really is.
	Resolved  assignment.Resolution
	License   License
	Placement Placement
	// role is the role that counts, and userProfile the user profile, whose name is
	// empty where only the role says what the member may do.
	Role        v1alpha1.Role
	UserProfile v1alpha1.Assignment
	// profile describes that user profile.
	Profile Profile
	// secret describes the Secret of the credentials' name.
	Secret credentials.Facts
	// binding describes the RoleBinding of the Member's name.
	Binding Binding
	// claims are the unique values that the Member holds.
	Claims v1alpha1.Claims
	// rivals are the names of the Members that hold the others.
	Rivals v1alpha1.Claims
	// groups are the groups that the Member is in, by name.
	Groups []v1alpha1.SkillGroupMembership
	// unknownGroups are the names in the Member's spec that no group has.
	UnknownGroups []string
	// result is what became of the letter with the current password; nil if
	// there is no news.
	Result *mail.Result
	// mailServer is what is known of the contact centre's mail server.
	MailServer mail.Health
}

// KnowsIssue is whether a Member's status is about the password that the Secret has.
func KnowsIssue(member *v1alpha1.Member, secret credentials.Facts) bool {
	return member.Status.Credentials != nil && member.Status.Credentials.IssueID == secret.IssueID
}

// Placement is where a Member really is, and with which desktop profile: what of
// that which is asked for exists and fits together.
type Placement struct {
	// asked is whether anything is asked for.
	Asked bool
	// desktopProfile and site have no name for none. teams are by name.
	DesktopProfile, Site v1alpha1.Assignment
	Teams                []v1alpha1.Assignment
	// problems are what does not exist or does not fit, the gravest first.
	Problems []PlacementProblem
}

// PlacementProblem is something that does not exist or does not fit.
type PlacementProblem struct {
	Reason, Message string
}

func (p *Placement) Fail(reason, format string, args ...any) {
	p.Problems = append(p.Problems, PlacementProblem{reason, fmt.Sprintf(format, args...)})
}

// isDeleting is whether the Member is going away.
func isDeleting(o Observation) bool { return o.Member.DeletionTimestamp != nil }

// IsDuplicate is whether another Member holds the e-mail address.
func IsDuplicate(o Observation) bool { return o.Claims.Email == "" }

// IsResetAsked is whether spec.passwordReset has a value that was not handled.
func IsResetAsked(o Observation) bool {
	asked := o.Member.Spec.PasswordReset
	return asked != "" && asked != handledReset(o)
}

// Profile describe the user profile that counts for a Member.
type Profile struct {
	// found is whether there is such a profile; the built-in ones always are.
	Found bool
	// administrators and supervisors are whether the profile's Role for these is its
	// own and gives what it says, neither more nor less.
	Administrators, Supervisors bool
}
