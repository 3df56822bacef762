package assignment

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// ShownTier is the tier that a Member's status shows as held.
func ShownTier(member *v1alpha1.Member) v1alpha1.LicenseTier {
	if member.Status.License == nil {
		return ""
	}
	return member.Status.License.Tier
}
