// Package profilerole derives the Roles that a UserProfile asks for, and describes the
// Roles that exist. It is pure: it reads and writes no objects.
package profilerole

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

// The verbs of each level. deletecollection is in none of them, so that one request
// cannot delete all objects.
var (
	viewVerbs = []string{"get", "list", "watch"}
	editVerbs = []string{"get", "list", "watch", "create", "update", "patch", "delete"}
)

// Role is a Role that a UserProfile asks for.
type Role struct {
	Name  string
	Rules []rbacv1.PolicyRule
}

// Roles returns the Roles that a UserProfile asks for. They cover only resource kinds of
// rollcall.dev and events: no status, no Secrets, nothing of rbac.authorization.k8s.io.
func Roles(profile *v1alpha1.UserProfile) []Role {
	return []Role{
		{Name: profile.RoleName(), Rules: administratorRules(&profile.Spec)},
		{Name: profile.SupervisorRoleName(), Rules: supervisorRules(&profile.Spec)},
	}
}

// administratorRules returns the rules for administrators with a profile. They grant at
// most what the ClusterRole of Desk Admins grants.
func administratorRules(spec *v1alpha1.UserProfileSpec) []rbacv1.PolicyRule {
	rules := AccessRules(spec.Access, AsSaid)
	if len(rules) == 0 {
		return nil
	}
	if mayView(spec.Access.Members) {
		rules = append(rules, ruleOf(viewVerbs, "contactcenters"))
	}
	// The limit applies to administrators who cannot write Members too: they may assign
	// user profiles through a MemberTemplate.
	rules = append(rules, ruleOf(append([]string{v1alpha1.VerbLimited}, actionVerbs(spec)...), "members"))
	if spec.Access.Profiles == v1alpha1.AccessLevelEdit {
		rules = append(rules, ruleOf([]string{v1alpha1.VerbAssign}, "userprofiles"))
	}
	return rules
}

// AsSaid returns a level as it is.
func AsSaid(level v1alpha1.AccessLevel) v1alpha1.AccessLevel { return level }

// supervisorRules returns the rules for Supervisors with a profile. They grant at most
// what the ClusterRole of Supervisors grants, so they are read-only.
func supervisorRules(spec *v1alpha1.UserProfileSpec) []rbacv1.PolicyRule {
	return AccessRules(spec.Access, func(level v1alpha1.AccessLevel) v1alpha1.AccessLevel {
		if mayView(level) {
			return v1alpha1.AccessLevelView
		}
		return v1alpha1.AccessLevelNone
	})
}

// AccessRules returns the rules for each resource kind, and for the events of Members.
// clamp limits the level of each.
func AccessRules(access v1alpha1.ProfileAccess, clamp func(v1alpha1.AccessLevel) v1alpha1.AccessLevel) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, kind := range []struct {
		level     v1alpha1.AccessLevel
		resources []string
	}{
		{access.Members, []string{"members"}},
		{access.SkillGroups, []string{"skillgroups"}},
		{access.Teams, []string{"teams"}},
		{access.Sites, []string{"sites"}},
		{access.Templates, []string{"membertemplates"}},
		{access.Profiles, []string{"userprofiles", "desktopprofiles"}},
	} {
		switch clamp(kind.level) {
		case v1alpha1.AccessLevelEdit:
			rules = append(rules, ruleOf(editVerbs, kind.resources...))
		case v1alpha1.AccessLevelView:
			rules = append(rules, ruleOf(viewVerbs, kind.resources...))
		case v1alpha1.AccessLevelNone: // a level of a later version grants nothing either
		}
	}
	if mayView(access.Members) {
		rules = append(rules, rbacv1.PolicyRule{
			APIGroups: []string{corev1.GroupName, eventsv1.GroupName}, Resources: []string{"events"}, Verbs: slices.Clone(viewVerbs),
		})
	}
	return rules
}

// ruleOf returns a rule for resources of rollcall.dev.
func ruleOf(verbs []string, resources ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{v1alpha1.GroupVersion.Group}, Resources: resources, Verbs: slices.Clone(verbs)}
}

// actionVerbs returns the verbs of a profile's actions in a fixed order. All actions
// change Members, so they require edit access to them.
func actionVerbs(spec *v1alpha1.UserProfileSpec) []string {
	if spec.Access.Members != v1alpha1.AccessLevelEdit {
		return nil
	}
	var verbs []string
	for _, action := range []struct {
		name v1alpha1.MemberAction
		verb string
	}{
		{v1alpha1.ActionResetPassword, v1alpha1.VerbResetPassword},
		{v1alpha1.ActionForceOffline, v1alpha1.VerbForceOffline},
		{v1alpha1.ActionImport, v1alpha1.VerbImport},
	} {
		if slices.Contains(spec.Actions, action.name) {
			verbs = append(verbs, action.verb)
		}
	}
	return verbs
}

// mayView reports whether a level includes read access.
func mayView(level v1alpha1.AccessLevel) bool {
	return level == v1alpha1.AccessLevelView || level == v1alpha1.AccessLevelEdit
}

// Facts describe an existing Role.
type Facts struct {
	Ownership ownership.Ownership
	// AsWanted reports whether the Role has exactly the rules that the UserProfile asks
	// for, and Labeled whether it has both labels of the operator.
	AsWanted, Labeled bool
	// Deleting reports whether the Role is being deleted. Until then it is in effect.
	Deleting bool
}

// IsRight reports whether the Role belongs to this UserProfile and grants exactly what
// the profile asks for.
func (f Facts) IsRight() bool { return f.Ownership == ownership.Ours && f.AsWanted }

// Describe returns the facts about a Role, which is nil if it does not exist.
func Describe(profile *v1alpha1.UserProfile, wanted Role, role *rbacv1.Role) Facts {
	if role == nil {
		return Facts{Ownership: ownership.Absent}
	}
	owner := ownership.UserProfile(profile)
	return Facts{
		Ownership: owner.Of(role),
		AsWanted:  equality.Semantic.DeepEqual(role.Rules, wanted.Rules),
		Labeled:   owner.Labels(role),
		Deleting:  role.DeletionTimestamp != nil,
	}
}
