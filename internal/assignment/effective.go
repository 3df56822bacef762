package assignment

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// UserProfile returns the effective user profile: the requested one, else the built-in
// one that follows from role and license in a contact center with licenses.
func UserProfile(resolved Resolution, licensed bool, held v1alpha1.LicenseTier) v1alpha1.Assignment {
	if resolved.UserProfile.Name != "" || !licensed {
		return resolved.UserProfile
	}
	name := v1alpha1.DefaultProfile(v1alpha1.Role(resolved.Role.Name), held)
	if name == "" {
		return v1alpha1.Assignment{}
	}
	return v1alpha1.Assignment{Name: name, Source: v1alpha1.SourceDefault}
}

// NameOf returns the name in an assignment; empty for none.
func NameOf(assignment *v1alpha1.Assignment) string {
	if assignment == nil {
		return ""
	}
	return assignment.Name
}

// ShownTier returns the tier of the seat that a Member's status shows; empty for none.
func ShownTier(member *v1alpha1.Member) v1alpha1.LicenseTier {
	if member.Status.License == nil {
		return ""
	}
	return member.Status.License.Tier
}
