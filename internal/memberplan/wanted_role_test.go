package memberplan

import (
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheRoleToBindFollowsFromRoleAndProfile(t *testing.T) {
	t.Parallel()
	const (
		superAdmin, deskAdmin, supervisor = v1alpha1.SuperAdminClusterRole, v1alpha1.DeskAdminClusterRole, v1alpha1.SupervisorClusterRole
		notFound, notReady                = v1alpha1.ReasonProfileNotFound, v1alpha1.ReasonRoleNotReady
	)
	none := RoleRef{}
	ready := Profile{Found: true, Administrators: true, Supervisors: true}
	// The columns of want and problem follow this order.
	roles := []v1alpha1.Role{v1alpha1.RoleSuperAdmin, v1alpha1.RoleDeskAdmin, v1alpha1.RoleSupervisor, v1alpha1.RoleDeskStaff}
	for name, test := range map[string]struct {
		profile string
		facts   Profile
		want    [4]RoleRef
		problem [4]string
	}{
		"no profile": {
			"",
			Profile{},
			[4]RoleRef{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"administrator": {
			v1alpha1.ProfileAdministrator,
			Profile{Found: true},
			[4]RoleRef{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"administrator-only": {
			v1alpha1.ProfileAdministratorOnly,
			Profile{Found: true},
			[4]RoleRef{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"supervisor": {
			v1alpha1.ProfileSupervisor,
			Profile{Found: true},
			[4]RoleRef{clusterRole(superAdmin), clusterRole(supervisor), clusterRole(supervisor), none},
			[4]string{},
		},
		"premium-agent":  {v1alpha1.ProfilePremiumAgent, Profile{Found: true}, [4]RoleRef{clusterRole(superAdmin)}, [4]string{}},
		"standard-agent": {v1alpha1.ProfileStandardAgent, Profile{Found: true}, [4]RoleRef{clusterRole(superAdmin)}, [4]string{}},
		"a custom profile": {
			"narrow", ready,
			[4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{},
		},
		"a missing profile": {
			"narrow",
			Profile{},
			[4]RoleRef{clusterRole(superAdmin)},
			[4]string{"", notFound, notFound, ""},
		},
		"a profile whose Roles are wrong": {
			"narrow",
			Profile{Found: true},
			[4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{"", notReady, notReady, ""},
		},
		"a profile whose Role for administrators is wrong": {
			"narrow",
			Profile{Found: true, Supervisors: true},
			[4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{"", notReady, "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, role := range roles {
				observed := observedMember(administrator, func(o *Observation) {
					o.Member.Spec.Role, o.Role, o.UserProfile.Name, o.Profile = role, role, test.profile, test.facts
				})
				got, problem := observed.wantedRole()
				if got != test.want[i] || problem != test.problem[i] {
					t.Errorf("%s: the role is %+v with problem %q, want %+v with %q", role, got, problem, test.want[i], test.problem[i])
				}
				want := Permissions{}
				if test.problem[i] == "" && test.want[i] != none {
					want = Permissions{Role: test.want[i], Username: "oidc:ana@example.com"}
				}
				if granted := observed.grantedPermissions(KeepSecret); granted != want {
					t.Errorf("%s: permissions are %+v, want %+v", role, granted, want)
				}
			}
		})
	}
}
