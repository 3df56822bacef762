package references

import (
	"rollcall.dev/rollcall/api/v1alpha1"
)

// SiteOf returns the site that a template names, in a list.
func SiteOf(t *v1alpha1.MemberTemplateSpec) []string { return nonEmpty(t.Site) }

// TeamsOf returns the teams that a template names.
func TeamsOf(t *v1alpha1.MemberTemplateSpec) []string { return t.Teams }

// DesktopProfileOf returns the desktop profile that a template names, in a list.
func DesktopProfileOf(t *v1alpha1.MemberTemplateSpec) []string { return nonEmpty(t.DesktopProfile) }

// SkillGroupsOf returns the skill groups that a template names.
func SkillGroupsOf(t *v1alpha1.MemberTemplateSpec) []string { return groupNames(t.SkillGroups) }

// UserProfileOf returns the user profile that a template names, in a list. It omits
// built-in profiles, which have no object.
func UserProfileOf(t *v1alpha1.MemberTemplateSpec) []string {
	if v1alpha1.IsBuiltInProfile(t.UserProfile) {
		return nil
	}
	return nonEmpty(t.UserProfile)
}

// DefaultsOf returns the defaults of a ContactCenter in the form of a template.
func DefaultsOf(center *v1alpha1.ContactCenter) *v1alpha1.MemberTemplateSpec {
	defaults := center.Spec.Defaults
	if defaults == nil {
		return &v1alpha1.MemberTemplateSpec{}
	}
	return &v1alpha1.MemberTemplateSpec{Site: defaults.Site, UserProfile: defaults.UserProfile, DesktopProfile: defaults.DesktopProfile}
}
