package operator

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestPermissionsGoWithTheProfileAndComeBackWithIt(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	env.CreateAll(env.ContactCenterWithIdentity())
	for name, propagation := range map[string]metav1.DeletionPropagation{
		"background": metav1.DeletePropagationBackground, "foreground": metav1.DeletePropagationForeground, "orphaning": metav1.DeletePropagationOrphan,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, profile, ana, wei := env.in(t), env.editing(name), "ana-"+name, "wei-"+name
			env.CreateAll(profile, env.withProfile(ana, v1alpha1.RoleDeskAdmin, name), env.withProfile(wei, v1alpha1.RoleSupervisor, name))
			env.awaitGranted(ana, wei)
			env.awaitListing(ana, true)
			env.delete(profile, client.PropagationPolicy(propagation))
			for _, member := range []string{ana, wei} {
				env.AwaitMember(member, granted(v1alpha1.ReasonProfileNotFound), login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
					has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonProfileNotFound))
				env.awaitRoleRef(member, "", "")
			}
			env.awaitListing(ana, false)
			env.awaitGone(profile)
			if propagation != metav1.DeletePropagationOrphan {
				env.awaitGone(named(env, &rbacv1.Role{}, "rollcall-profile-"+name))
			}
			env.CreateAll(env.profile(name, v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView}))
			env.awaitGranted(ana, wei)
			env.awaitRoleRef(ana, "Role", "rollcall-profile-"+name)
			env.awaitListing(ana, true)
		})
	}
}

func TestAMemberCutOffLosesWhatTheProfileGave(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	ana := env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow")
	env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), ana)
	env.awaitGranted("ana")
	env.awaitListing("ana", true)
	history := env.follow("ana")
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	history.revokedFirst()
	env.AwaitMember("ana", granted(v1alpha1.ReasonLoginDenied), login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	env.awaitListing("ana", false)
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.awaitGranted("ana")
	env.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	env.awaitListing("ana", true)
	env.delete(ana)
	env.awaitListing("ana", false)
}

func TestARoleThatBecomesForeignTakesThePermissionsAlong(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	env.awaitGranted("ana")
	stop()
	role := env.roleNamed("rollcall-profile-narrow")
	role.Labels, role.OwnerReferences, role.Rules = nil, nil, []rbacv1.PolicyRule{secrets}
	if err := env.Update(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	env.operate()
	env.await(env.editing("narrow"), is(v1alpha1.ReasonRoleConflict))
	env.AwaitMember("ana", granted(v1alpha1.ReasonRoleNotReady))
	env.awaitRoleRef("ana", "", "")
	// A RoleBinding that a user creates for it with her labels does not stay either.
	forged := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "rollcall-member-ana", Labels: map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/member": "ana"}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: anasName}},
	}
	env.CreateAll(forged)
	env.awaitRoleRef("ana", "", "")
	env.delete(role)
	// The operator looks again within a minute, or as soon as the profile changes.
	change(env, env.editing("narrow"), func(p *v1alpha1.UserProfile) { p.Spec.Actions = []v1alpha1.MemberAction{v1alpha1.ActionImport} })
	env.await(env.editing("narrow"), isReady)
	env.awaitGranted("ana")
}

func TestAProfileThatSaysSomethingElseIsAnotherPermission(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	narrow, ana := env.editing("narrow"), env.withProfile("ana", v1alpha1.RoleDeskAdmin, "narrow")
	env.CreateAll(env.ContactCenterWithIdentity(), narrow, env.profile("wide", oneLevel("", v1alpha1.AccessLevelEdit)), ana, env.withProfile("wei", v1alpha1.RoleDeskAdmin, "wide"), env.Member("putri"))
	env.awaitGranted("ana", "wei")
	env.AwaitMember("putri", ready)
	her := env.clientAs("ana")
	edits := func(want bool) {
		t.Helper()
		env.Eventually(fmt.Sprintf("ana may edit: %t", want), func() error {
			err := her.Patch(t.Context(), env.Member("putri"), mergePatch(`{"spec":{"nickname":"P"}}`), client.DryRunAll)
			if (err == nil) != want || err != nil && !apierrors.IsForbidden(err) {
				return fmt.Errorf("it is %w", err)
			}
			return nil
		})
	}
	edits(true)
	change(env, narrow, func(p *v1alpha1.UserProfile) { p.Spec.Access.Members = v1alpha1.AccessLevelView })
	edits(false)
	env.await(env.editing("narrow"), isReady)
	env.awaitGranted("ana")
	env.awaitListing("ana", true)
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.UserProfile = "wide" })
	env.awaitRoleRef("ana", "Role", "rollcall-profile-wide")
	edits(true)
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor })
	env.awaitRoleRef("ana", "Role", "rollcall-supervisor-profile-wide")
	edits(false)
	env.await(narrow, isReady, counts(0))
	env.await(env.editing("wide"), isReady, counts(2))
	for profile, role := range map[string][2]string{
		"": {"ClusterRole", "rollcall-supervisor"}, v1alpha1.ProfileSupervisor: {"ClusterRole", "rollcall-supervisor"},
		v1alpha1.ProfileAdministrator: {"ClusterRole", "rollcall-supervisor"}, v1alpha1.ProfilePremiumAgent: {}, "missing": {},
	} {
		change(env, ana, func(m *v1alpha1.Member) { m.Spec.UserProfile = profile })
		env.awaitRoleRef("ana", role[0], role[1])
	}
}

func TestATemplateNarrowsAnAdministrator(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Labels = map[string]string{"team": "blue"}
	template := env.blueTemplate("profiles", func(s *v1alpha1.MemberTemplateSpec) { s.UserProfile = "narrow" })
	env.CreateAll(env.ContactCenterWithIdentity(), env.editing("narrow"), ana)
	env.awaitRoleRef("ana", "ClusterRole", "rollcall-desk-admin")
	env.CreateAll(template)
	env.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	env.awaitGranted("ana")
	env.delete(template)
	env.awaitRoleRef("ana", "ClusterRole", "rollcall-desk-admin")
}

func TestRealRequestsMeetWithWhatTheProfileSays(t *testing.T) {
	t.Parallel()
	env := newProfiledEnvironment(t, func(env *environment) *v1alpha1.UserProfile {
		return env.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView, Sites: v1alpha1.AccessLevelEdit})
	})
	ana := clientFor(t, withToken(t, "ana@example.com"))
	site, member := env.site("berlin"), env.GetMember("ana")
	for _, request := range []struct {
		name           string
		err            error
		verb, resource string // of the refusal; empty if it is allowed
	}{
		{"see members", ana.List(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace)), "", ""},
		{"add a site", ana.Create(t.Context(), site), "", ""},
		{"label a site", ana.Patch(t.Context(), site, mergePatch(`{"metadata":{"labels":{"a":"b"}}}`)), "", ""},
		{"delete a site", ana.Delete(t.Context(), site), "", ""},
		{"delete all sites", ana.DeleteAllOf(t.Context(), site, client.InNamespace(env.Namespace)), "deletecollection", "sites"},
		{"write the status of a site", ana.Status().Patch(t.Context(), site, mergePatch(`{"status":{"members":5}}`)), "patch", "sites/status"},
		{"add a member", ana.Create(t.Context(), env.Member("new")), "create", "members"},
		{"edit a member", ana.Patch(t.Context(), member, mergePatch(`{"spec":{"nickname":"A"}}`)), "patch", "members"},
		{"write the status of a member", ana.Status().Patch(t.Context(), member, mergePatch(`{"status":{"login":"Allowed"}}`)), "patch", "members/status"},
		{"see teams", ana.List(t.Context(), &v1alpha1.TeamList{}, client.InNamespace(env.Namespace)), "list", "teams"},
		{"see passwords", ana.List(t.Context(), &corev1.SecretList{}, client.InNamespace(env.Namespace)), "list", "secrets"},
		{"see events", ana.List(t.Context(), &corev1.EventList{}, client.InNamespace(env.Namespace)), "", ""},
		{"see the contact center", ana.Get(t.Context(), key(env, "default"), &v1alpha1.ContactCenter{}), "", ""},
		{"edit the contact center", ana.Update(t.Context(), env.ContactCenterWithIdentity()), "update", "contactcenters"},
		{"see Roles", ana.List(t.Context(), &rbacv1.RoleList{}, client.InNamespace(env.Namespace)), "list", "roles"},
		{"see members elsewhere", ana.List(t.Context(), &v1alpha1.MemberList{}), "list", "members"},
	} {
		var objections []refusal
		if request.verb != "" {
			objections = []refusal{cannot(anasName, request.verb, request.resource)}
		}
		if err := checkAnswer(request.err, objections); err != nil {
			t.Errorf("%s: %v", request.name, err)
		}
	}
}
