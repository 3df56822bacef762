package profilerole

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// levels holds the three levels, and unknown ones, which grant nothing.
var levels = []v1alpha1.AccessLevel{v1alpha1.AccessLevelNone, v1alpha1.AccessLevelView, v1alpha1.AccessLevelEdit, "", "Own"}

// forEachProfile calls a function with each combination of levels and actions.
func forEachProfile(check func(v1alpha1.UserProfileSpec)) {
	actions := [][]v1alpha1.MemberAction{
		nil,
		{v1alpha1.ActionResetPassword},
		{v1alpha1.ActionForceOffline},
		{v1alpha1.ActionImport},
		{v1alpha1.ActionImport, v1alpha1.ActionForceOffline, v1alpha1.ActionResetPassword},
		{"Delete"},
	}
	for _, members := range levels {
		for _, others := range levels {
			for _, profiles := range levels {
				for _, some := range actions {
					check(v1alpha1.UserProfileSpec{Actions: some, Access: v1alpha1.ProfileAccess{
						Members: members, SkillGroups: others, Teams: members, Sites: others, Templates: others, Profiles: profiles,
					}})
				}
			}
		}
	}
}

// cells returns the permissions that rules grant, as group/resource:verb.
func cells(t *testing.T, rules []rbacv1.PolicyRule) map[string]bool {
	t.Helper()
	found := map[string]bool{}
	for _, rule := range rules {
		if len(rule.ResourceNames) > 0 || len(rule.NonResourceURLs) > 0 {
			t.Errorf("the rule %+v names resources or URLs", rule)
		}
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					found[fmt.Sprintf("%s/%s:%s", group, resource, verb)] = true
				}
			}
		}
	}
	return found
}

// installed returns the permissions of a ClusterRole of config/roles, without rules that
// name resources.
func installed(t *testing.T, file string) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "config", "roles", file))
	if err != nil {
		t.Fatal(err)
	}
	var role rbacv1.ClusterRole
	if err := yaml.UnmarshalStrict(text, &role); err != nil {
		t.Fatal(err)
	}
	return cells(t, slices.DeleteFunc(role.Rules, func(rule rbacv1.PolicyRule) bool { return len(rule.ResourceNames) > 0 }))
}

func TestNoProfileGrantsMoreThanItsRoleOrTheOperatorHolds(t *testing.T) {
	t.Parallel()
	superAdmin, deskAdmin, supervisor, binder := installed(t, "super_admin_role.yaml"), installed(t, "desk_admin_role.yaml"), installed(t, "supervisor_role.yaml"), installed(t, "binder_role.yaml")
	const limited = "rollcall.dev/members:limited"
	forEachProfile(func(spec v1alpha1.UserProfileSpec) {
		for _, test := range []struct {
			group string
			rules []rbacv1.PolicyRule
			own   []map[string]bool
		}{
			{"administrators", administratorRules(&spec), []map[string]bool{deskAdmin, superAdmin}},
			{"Supervisors", supervisorRules(&spec), []map[string]bool{supervisor, deskAdmin}},
		} {
			given := cells(t, test.rules)
			for cell := range given {
				for _, own := range test.own {
					// The limiting permission is the only one in no ClusterRole.
					if !own[cell] && (cell != limited || test.group != "administrators") {
						t.Errorf("%+v grants %s %s, but their role does not", spec, test.group, cell)
					}
				}
				if !binder[cell] {
					t.Errorf("%+v grants %s %s, which the operator does not hold", spec, test.group, cell)
				}
				for _, never := range []string{"/status", "secrets", "configmaps", "rbac", "deletecollection", "*", "escalate", "bind", "impersonate", "finalizers"} {
					if strings.Contains(cell, never) {
						t.Errorf("%+v grants %s %s", spec, test.group, cell)
					}
				}
			}
			if test.group == "administrators" && len(given) > 0 && !given[limited] {
				t.Errorf("%+v does not limit: %v", spec, given)
			}
		}
	})
	if deskAdmin[limited] || superAdmin[limited] || supervisor[limited] {
		t.Error("a role without a profile is limited")
	}
}

func TestARoleGrantsExactlyWhatTheProfileAsksFor(t *testing.T) {
	t.Parallel()
	forEachProfile(func(spec v1alpha1.UserProfileSpec) {
		wantAdministrators, wantSupervisors := map[string]bool{}, map[string]bool{}
		view, edit := strings.Fields("get list watch"), strings.Fields("create update patch delete")
		put := func(into map[string]bool, group, resource string, verbs ...string) {
			for _, verb := range verbs {
				into[group+"/"+resource+":"+verb] = true
			}
		}
		for resource, level := range map[string]v1alpha1.AccessLevel{
			"members": spec.Access.Members, "skillgroups": spec.Access.SkillGroups, "teams": spec.Access.Teams, "sites": spec.Access.Sites,
			"membertemplates": spec.Access.Templates, "userprofiles": spec.Access.Profiles, "desktopprofiles": spec.Access.Profiles,
		} {
			if level == "View" || level == "Edit" {
				put(wantAdministrators, "rollcall.dev", resource, view...)
				put(wantAdministrators, "rollcall.dev", "members", "limited")
				put(wantSupervisors, "rollcall.dev", resource, view...)
			}
			if level == "Edit" {
				put(wantAdministrators, "rollcall.dev", resource, edit...)
			}
		}
		if spec.Access.Profiles == "Edit" {
			put(wantAdministrators, "rollcall.dev", "userprofiles", "assign")
		}
		if members := spec.Access.Members; members == "View" || members == "Edit" {
			for _, group := range []string{"", "events.k8s.io"} {
				put(wantAdministrators, group, "events", view...)
				put(wantSupervisors, group, "events", view...)
			}
			put(wantAdministrators, "rollcall.dev", "contactcenters", view...)
		}
		if spec.Access.Members == "Edit" {
			for action, verb := range map[v1alpha1.MemberAction]string{"ResetPassword": "reset-password", "ForceOffline": "force-offline", "Import": "import"} {
				if slices.Contains(spec.Actions, action) {
					put(wantAdministrators, "rollcall.dev", "members", verb)
				}
			}
		}
		for group, pair := range map[string][2]map[string]bool{
			"administrators": {cells(t, administratorRules(&spec)), wantAdministrators},
			"Supervisors":    {cells(t, supervisorRules(&spec)), wantSupervisors},
		} {
			if fmt.Sprint(pair[0]) != fmt.Sprint(pair[1]) {
				t.Errorf("%+v grants %s %v, not %v", spec, group, pair[0], pair[1])
			}
		}
	})
}

func TestTheOrderOfActionsDoesNotChangeTheRules(t *testing.T) {
	t.Parallel()
	profile := &v1alpha1.UserProfile{}
	profile.Name = "narrow"
	profile.Spec.Access.Members = v1alpha1.AccessLevelEdit
	profile.Spec.Actions = []v1alpha1.MemberAction{v1alpha1.ActionImport, v1alpha1.ActionResetPassword}
	swapped := profile.DeepCopy()
	slices.Reverse(swapped.Spec.Actions)
	first, second := Roles(profile), Roles(swapped)
	if fmt.Sprint(first) != fmt.Sprint(second) {
		t.Errorf("the order of actions changes the Roles: %v, %v", first, second)
	}
	if first[0].Name != "rollcall-profile-narrow" || first[1].Name != "rollcall-supervisor-profile-narrow" || len(first) != 2 {
		t.Errorf("the Roles are %v", first)
	}
	// Callers may change the rules of one Role without changing those of another.
	first[0].Rules[0].Verbs[0] = "*"
	if third := Roles(profile); fmt.Sprint(third) != fmt.Sprint(second) {
		t.Errorf("Roles share their rules: %v", third)
	}
}
