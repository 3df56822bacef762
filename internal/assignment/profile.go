package assignment

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// UserProfile is the user profile that counts: the one that somebody names, else
// the one that follows from role and licence where the contact centre has licences.
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
