package memberplan

import (
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestWhatAMemberIsBoundToFollowsFromRoleAndProfile(t *testing.T) {
	t.Parallel()
	const (
		superAdmin, deskAdmin, supervisor = v1alpha1.SuperAdminClusterRole, v1alpha1.DeskAdminClusterRole, v1alpha1.SupervisorClusterRole
		notFound, notReady                = v1alpha1.ReasonProfileNotFound, v1alpha1.ReasonRoleNotReady
	)
	none := RoleRef{}
	right := Profile{Found: true, Administrators: true, Supervisors: true}
	// By role, in this order: Super Admin, Desk Admin, Supervisor, Desk Staff.
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
		"one of one's own": {
			"narrow", right,
			[4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{},
		},
		"one that is not there": {
			"narrow",
			Profile{},
			[4]RoleRef{clusterRole(superAdmin)},
			[4]string{"", notFound, notFound, ""},
		},
		"one whose Roles are not right": {
			"narrow",
			Profile{Found: true},
			[4]RoleRef{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{"", notReady, notReady, ""},
		},
		"one whose Role for administrators alone is not right": {
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
					t.Errorf("%s: it is %+v and %q, not %+v and %q", role, got, problem, test.want[i], test.problem[i])
				}
				want := Permissions{}
				if test.problem[i] == "" && test.want[i] != none {
					want = Permissions{Role: test.want[i], Username: "oidc:ana@example.com"}
				}
				if granted := observed.grantedPermissions(KeepSecret); granted != want {
					t.Errorf("%s: permissions are %+v, not %+v", role, granted, want)
				}
			}
		})
	}
}
