package references

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// What a template names: the functions are for namedByTemplates and for finding out
// what of it does not exist.

func SiteOf(t *v1alpha1.MemberTemplateSpec) []string { return assignment.NonEmpty(t.Site) }

func TeamsOf(t *v1alpha1.MemberTemplateSpec) []string { return t.Teams }

func DesktopProfileOf(t *v1alpha1.MemberTemplateSpec) []string {
	return assignment.NonEmpty(t.DesktopProfile)
}

func SkillGroupsOf(t *v1alpha1.MemberTemplateSpec) []string {
	return assignment.GroupNames(t.SkillGroups)
}

// UserProfileOf leaves out the profiles that exist by themselves.
func UserProfileOf(t *v1alpha1.MemberTemplateSpec) []string {
	if v1alpha1.IsBuiltInProfile(t.UserProfile) {
		return nil
	}
	return assignment.NonEmpty(t.UserProfile)
}

// DefaultsOf are what a ContactCenter gives to Members that have nothing else, as a
// template would.
func DefaultsOf(center *v1alpha1.ContactCenter) *v1alpha1.MemberTemplateSpec {
	defaults := center.Spec.Defaults
	if defaults == nil {
		return &v1alpha1.MemberTemplateSpec{}
	}
	return &v1alpha1.MemberTemplateSpec{Site: defaults.Site, UserProfile: defaults.UserProfile, DesktopProfile: defaults.DesktopProfile}
}
