package operator

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestPermissionsGoWithTheProfileAndComeBackWithIt(t *testing.T) {
	t.Parallel()
	for name, propagation := range map[string]metav1.DeletionPropagation{
		"in the background": metav1.DeletePropagationBackground, "in the foreground": metav1.DeletePropagationForeground, "orphaning": metav1.DeletePropagationOrphan,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.operate()
			narrow := w.editing("narrow")
			w.create(w.identifying(), narrow, w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"), w.with("wei", v1alpha1.RoleSupervisor, "narrow"))
			w.awaitGranted("ana", "wei")
			w.may("ana", true)
			if err := w.Delete(t.Context(), narrow, client.PropagationPolicy(propagation)); err != nil {
				t.Fatal(err)
			}
			for _, member := range []string{"ana", "wei"} {
				w.await(member, granted(v1alpha1.ReasonProfileNotFound), login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
					has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonProfileNotFound))
				w.awaitRoleRef(member, "", "")
			}
			w.may("ana", false)
			w.gone(narrow)
			if propagation != metav1.DeletePropagationOrphan {
				w.eventually("the Roles are collected", func() error {
					if role := w.roleNamed("rollcall-profile-narrow"); role != nil {
						return errors.New("one is there")
					}
					return nil
				})
			}
			w.create(w.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView}))
			w.awaitGranted("ana", "wei")
			w.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
			w.may("ana", true)
		})
	}
}

func TestWhoIsCutOffLosesWhatTheProfileGave(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	ana := w.with("ana", v1alpha1.RoleDeskAdmin, "narrow")
	w.create(w.identifying(), w.editing("narrow"), ana)
	w.awaitGranted("ana")
	w.may("ana", true)
	history := w.follow()
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	history.revokedFirst()
	w.await("ana", granted(v1alpha1.ReasonLoginDenied), login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	w.may("ana", false)
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	w.awaitGranted("ana")
	w.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	w.may("ana", true)
	if err := w.Delete(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	w.may("ana", false)
}

func TestARoleThatBecomesForeignTakesThePermissionsAlong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	w.create(w.identifying(), w.editing("narrow"), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow"))
	w.awaitGranted("ana")
	stop()
	role := w.roleNamed("rollcall-profile-narrow")
	role.Labels, role.OwnerReferences, role.Rules = nil, nil, []rbacv1.PolicyRule{secrets}
	if err := w.Update(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	w.operate()
	w.awaitProfile("narrow", v1alpha1.ReasonRoleConflict)
	w.await("ana", granted(v1alpha1.ReasonRoleNotReady))
	w.awaitRoleRef("ana", "", "")
	// A RoleBinding that somebody makes of it with her labels does not stay either.
	forged := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "rollcall-member-ana", Labels: map[string]string{"app.kubernetes.io/managed-by": "rollcall", "rollcall.dev/member": "ana"}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: anasName}},
	}
	w.create(forged)
	w.awaitRoleRef("ana", "", "")
	if err := w.Delete(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	// The operator looks again within a minute, or as soon as the profile changes.
	change(w, w.editing("narrow"), func(p *v1alpha1.UserProfile) { p.Spec.Actions = []v1alpha1.MemberAction{v1alpha1.ActionImport} })
	w.awaitProfile("narrow", v1alpha1.ReasonReady)
	w.awaitGranted("ana")
}

func TestAProfileThatSaysSomethingElseIsAnotherPermission(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	narrow, ana := w.editing("narrow"), w.with("ana", v1alpha1.RoleDeskAdmin, "narrow")
	w.create(w.identifying(), narrow, w.profile("wide", oneLevel("", v1alpha1.AccessLevelEdit)), ana, w.with("wei", v1alpha1.RoleDeskAdmin, "wide"), w.member("putri"))
	w.awaitGranted("ana", "wei")
	w.await("putri", ready)
	her := w.acting("ana")
	edits := func(want bool) {
		t.Helper()
		w.eventually(fmt.Sprintf("ana may edit: %t", want), func() error {
			err := her.Patch(t.Context(), w.member("putri"), mergePatch(`{"spec":{"nickname":"P"}}`), client.DryRunAll)
			if (err == nil) != want || err != nil && !apierrors.IsForbidden(err) {
				return fmt.Errorf("it is %w", err)
			}
			return nil
		})
	}
	edits(true)
	change(w, narrow, func(p *v1alpha1.UserProfile) { p.Spec.Access.Members = v1alpha1.AccessLevelView })
	edits(false)
	w.awaitProfile("narrow", v1alpha1.ReasonReady)
	w.awaitGranted("ana")
	w.may("ana", true)
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.UserProfile = "wide" })
	w.awaitRoleRef("ana", "Role", "rollcall-profile-wide")
	edits(true)
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.Role = v1alpha1.RoleSupervisor })
	w.awaitRoleRef("ana", "Role", "rollcall-supervisor-profile-wide")
	edits(false)
	w.eventually("the members are counted", func() error {
		for name, want := range map[string]int32{"narrow": 0, "wide": 2} {
			if got := w.awaitProfile(name, v1alpha1.ReasonReady).Status.Members; ptr.Deref(got, -1) != want {
				return fmt.Errorf("%s has %d, not %d", name, ptr.Deref(got, -1), want)
			}
		}
		return nil
	})
	for profile, role := range map[string][2]string{
		"": {"ClusterRole", "rollcall-supervisor"}, v1alpha1.ProfileSupervisor: {"ClusterRole", "rollcall-supervisor"},
		v1alpha1.ProfileAdministrator: {"ClusterRole", "rollcall-supervisor"}, v1alpha1.ProfilePremiumAgent: {}, "missing": {},
	} {
		change(w, ana, func(m *v1alpha1.Member) { m.Spec.UserProfile = profile })
		w.awaitRoleRef("ana", role[0], role[1])
	}
}

func TestATemplateNarrowsAnAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	ana := w.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Labels = map[string]string{"team": "blue"}
	template := w.blueTemplate("profiles", func(s *v1alpha1.MemberTemplateSpec) { s.UserProfile = "narrow" })
	w.create(w.identifying(), w.editing("narrow"), ana)
	w.awaitRoleRef("ana", "ClusterRole", "rollcall-desk-admin")
	w.create(template)
	w.awaitRoleRef("ana", "Role", "rollcall-profile-narrow")
	w.awaitGranted("ana")
	if err := w.Delete(t.Context(), template); err != nil {
		t.Fatal(err)
	}
	w.awaitRoleRef("ana", "ClusterRole", "rollcall-desk-admin")
}

func TestRealRequestsMeetWithWhatTheProfileSays(t *testing.T) {
	t.Parallel()
	w := newProfiledDesk(t, func(w *world) *v1alpha1.UserProfile {
		return w.profile("narrow", v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelView, Sites: v1alpha1.AccessLevelEdit})
	})
	ana := clientFor(t, withToken(t, "ana@example.com"))
	site := named(w, &v1alpha1.Site{}, "berlin")
	site.Spec.DisplayName = "Berlin"
	member := w.get("ana")
	for _, request := range []struct {
		name           string
		err            error
		verb, resource string // of the refusal; empty if it is allowed
	}{
		{"see members", ana.List(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(w.namespace)), "", ""},
		{"add a site", ana.Create(t.Context(), site), "", ""},
		{"label a site", ana.Patch(t.Context(), site, mergePatch(`{"metadata":{"labels":{"a":"b"}}}`)), "", ""},
		{"delete a site", ana.Delete(t.Context(), site), "", ""},
		{"delete all sites", ana.DeleteAllOf(t.Context(), site, client.InNamespace(w.namespace)), "deletecollection", "sites"},
		{"write the status of a site", ana.Status().Patch(t.Context(), site, mergePatch(`{"status":{"members":5}}`)), "patch", "sites/status"},
		{"add a member", ana.Create(t.Context(), w.member("new")), "create", "members"},
		{"edit a member", ana.Patch(t.Context(), member, mergePatch(`{"spec":{"nickname":"A"}}`)), "patch", "members"},
		{"write the status of a member", ana.Status().Patch(t.Context(), member, mergePatch(`{"status":{"login":"Allowed"}}`)), "patch", "members/status"},
		{"see teams", ana.List(t.Context(), &v1alpha1.TeamList{}, client.InNamespace(w.namespace)), "list", "teams"},
		{"see passwords", ana.List(t.Context(), &corev1.SecretList{}, client.InNamespace(w.namespace)), "list", "secrets"},
		{"see events", ana.List(t.Context(), &corev1.EventList{}, client.InNamespace(w.namespace)), "", ""},
		{"see the contact centre", ana.Get(t.Context(), key(w, "default"), &v1alpha1.ContactCenter{}), "", ""},
		{"edit the contact centre", ana.Update(t.Context(), w.identifying()), "update", "contactcenters"},
		{"see Roles", ana.List(t.Context(), &rbacv1.RoleList{}, client.InNamespace(w.namespace)), "list", "roles"},
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
