package controllers

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestWhatAMemberIsBoundToFollowsFromRoleAndProfile(t *testing.T) {
	t.Parallel()
	const (
		superAdmin, deskAdmin, supervisor = v1alpha1.SuperAdminClusterRole, v1alpha1.DeskAdminClusterRole, v1alpha1.SupervisorClusterRole
		notFound, notReady                = v1alpha1.ReasonProfileNotFound, v1alpha1.ReasonRoleNotReady
	)
	none := roleName{}
	right := profileFacts{found: true, administrators: true, supervisors: true}
	// By role, in this order: Super Admin, Desk Admin, Supervisor, Desk Staff.
	roles := []v1alpha1.Role{v1alpha1.RoleSuperAdmin, v1alpha1.RoleDeskAdmin, v1alpha1.RoleSupervisor, v1alpha1.RoleDeskStaff}
	for name, test := range map[string]struct {
		profile string
		facts   profileFacts
		want    [4]roleName
		problem [4]string
	}{
		"no profile": {
			"",
			profileFacts{},
			[4]roleName{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"administrator": {
			v1alpha1.ProfileAdministrator,
			profileFacts{found: true},
			[4]roleName{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"administrator-only": {
			v1alpha1.ProfileAdministratorOnly,
			profileFacts{found: true},
			[4]roleName{clusterRole(superAdmin), clusterRole(deskAdmin), clusterRole(supervisor), none},
			[4]string{},
		},
		"supervisor": {
			v1alpha1.ProfileSupervisor,
			profileFacts{found: true},
			[4]roleName{clusterRole(superAdmin), clusterRole(supervisor), clusterRole(supervisor), none},
			[4]string{},
		},
		"premium-agent":  {v1alpha1.ProfilePremiumAgent, profileFacts{found: true}, [4]roleName{clusterRole(superAdmin)}, [4]string{}},
		"standard-agent": {v1alpha1.ProfileStandardAgent, profileFacts{found: true}, [4]roleName{clusterRole(superAdmin)}, [4]string{}},
		"one of one's own": {
			"narrow", right,
			[4]roleName{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{},
		},
		"one that is not there": {
			"narrow",
			profileFacts{},
			[4]roleName{clusterRole(superAdmin)},
			[4]string{"", notFound, notFound, ""},
		},
		"one whose Roles are not right": {
			"narrow",
			profileFacts{found: true},
			[4]roleName{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{"", notReady, notReady, ""},
		},
		"one whose Role for administrators alone is not right": {
			"narrow",
			profileFacts{found: true, supervisors: true},
			[4]roleName{clusterRole(superAdmin), namespacedRole("rollcall-profile-narrow"), namespacedRole("rollcall-supervisor-profile-narrow"), none},
			[4]string{"", notReady, "", ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for i, role := range roles {
				observed := observedMember(administrator, func(o *memberObservation) {
					o.member.Spec.Role, o.role, o.userProfile.Name, o.profile = role, role, test.profile, test.facts
				})
				got, problem := wantedRole(observed)
				if got != test.want[i] || problem != test.problem[i] {
					t.Errorf("%s: it is %+v and %q, not %+v and %q", role, got, problem, test.want[i], test.problem[i])
				}
				want := permissions{}
				if test.problem[i] == "" && test.want[i] != none {
					want = permissions{role: test.want[i], username: "oidc:ana@example.com"}
				}
				if granted := grantedPermissions(observed, keepSecret); granted != want {
					t.Errorf("%s: permissions are %+v, not %+v", role, granted, want)
				}
			}
		})
	}
}

func TestMembersLookAgainOnceTheRolesOfAProfileAreWritten(t *testing.T) {
	t.Parallel()
	profile := func(change ...func(*v1alpha1.UserProfile)) *v1alpha1.UserProfile {
		p := &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Name: "narrow", UID: "1", Generation: 1}}
		p.Status.ObservedGeneration = 1
		for _, mutate := range change {
			mutate(p)
		}
		return p
	}
	ready := func(reason string) func(*v1alpha1.UserProfile) {
		return func(p *v1alpha1.UserProfile) {
			p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Reason: reason}}
		}
	}
	for name, test := range map[string]struct {
		before, after *v1alpha1.UserProfile
		want          bool
	}{
		"nothing":                         {profile(), profile(), false},
		"it says something else":          {profile(), profile(func(p *v1alpha1.UserProfile) { p.Generation = 2 }), false},
		"the Roles were written for that": {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.ObservedGeneration = 2 }), true},
		"its members were counted":        {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.Members = new(int32(5)) }), false},
		"a Role could not be written":     {profile(ready("Ready")), profile(ready("RoleNotWritten")), true},
		"a Role is foreign":               {profile(ready("Ready")), profile(ready("RoleConflict")), true},
		"the Role is not foreign any more": {
			profile(ready("RoleConflict")), profile(ready("Ready")), true,
		},
		"it is about to go":             {profile(), profile(func(p *v1alpha1.UserProfile) { p.DeletionTimestamp = &metav1.Time{Time: at} }), true},
		"it is another of that name":    {profile(), profile(func(p *v1alpha1.UserProfile) { p.UID = "2" }), true},
		"it was ready for the 1st time": {profile(), profile(ready("Ready")), false},
	} {
		if got := isOtherProfile(test.before, test.after); got != test.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
