package controllers_test

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// action is what is done to a Member.
type action struct {
	name, verb, resource string
	// before is what the Member is like; nil: as it was added.
	before func(*v1alpha1.Member)
	// change is what a PUT changes; nil for an action that is none.
	change func(*v1alpha1.Member)
	// do does what is not a PUT.
	do func(s *stage, member *v1alpha1.Member, dryRun ...string) error
	// role is the one that it gives.
	role v1alpha1.Role
	// nobody is the guard that keeps everybody from it.
	nobody *refusal
	// notSelf is the guard that keeps people from doing it to themselves.
	notSelf *refusal
}

// tomorrow is when a cut-off ends.
var tomorrow = metav1.NewTime(time.Now().AddDate(0, 0, 1).Truncate(time.Second)) //nolint:forbidigo // any time to come will do

var actions = []action{
	{name: "see", verb: "get", resource: "members", do: func(s *stage, m *v1alpha1.Member, _ ...string) error {
		return s.client.Get(s.Context(), client.ObjectKeyFromObject(m), m.DeepCopy())
	}},
	{name: "read the password of", verb: "get", resource: "secrets", do: func(s *stage, m *v1alpha1.Member, _ ...string) error {
		return s.client.Get(s.Context(), client.ObjectKey{Namespace: m.Namespace, Name: m.CredentialsSecretName()}, &corev1.Secret{})
	}},
	put("edit", nil, func(m *v1alpha1.Member) { m.Spec.Nickname = "Desk" }),
	giveRole("promote to Desk Admin", v1alpha1.RoleDeskAdmin),
	giveRole("promote to Super Admin", v1alpha1.RoleSuperAdmin),
	giveRole("demote to Desk Staff", v1alpha1.RoleDeskStaff),
	put("reset the password of", &notOwnPassword, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "today" }),
	put("force offline", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }),
	put("force offline for a while", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }),
	put("say why offline", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineReason = "on leave" }),
	put("deactivate", &notOwnActivity, func(m *v1alpha1.Member) { m.Spec.Active = new(false) }),
	undo("restore", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false }),
	undo("restore early", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = nil }),
	undo("activate", &notOwnActivity, func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, func(m *v1alpha1.Member) { m.Spec.Active = new(true) }),
	{name: "delete", verb: "delete", resource: "members", notSelf: &notOwnDeletion, do: func(s *stage, m *v1alpha1.Member, dryRun ...string) error {
		return s.client.Delete(s.Context(), m.DeepCopy(), &client.DeleteOptions{DryRun: dryRun})
	}},
	{name: "write the status of", verb: "patch", resource: "members/status", do: func(s *stage, m *v1alpha1.Member, dryRun ...string) error {
		patch := client.RawPatch(types.MergePatchType, []byte(`{"status":{"login":"Allowed","loginReason":"ForceOfflineExpired"}}`))
		return s.client.Status().Patch(s.Context(), m.DeepCopy(), patch, &client.SubResourcePatchOptions{PatchOptions: client.PatchOptions{DryRun: dryRun}})
	}},
	{
		name: "set the owner of", verb: "update", resource: "members", nobody: &ownersAreKept,
		do: func(s *stage, m *v1alpha1.Member, dryRun ...string) error {
			owned := m.DeepCopy()
			owned.OwnerReferences = append(owned.OwnerReferences, s.owner)
			return s.client.Update(s.Context(), owned, &client.UpdateOptions{DryRun: dryRun})
		},
	},
	with(put("hold", nil, func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }), &finalizersAreKept),
	with(undo("release", nil, func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }, func(m *v1alpha1.Member) { m.Finalizers = nil }), &finalizersAreKept),
}

func put(name string, notSelf *refusal, change func(*v1alpha1.Member)) action {
	return action{name: name, verb: "update", resource: "members", change: change, notSelf: notSelf}
}

func undo(name string, notSelf *refusal, before, change func(*v1alpha1.Member)) action {
	a := put(name, notSelf, change)
	a.before = before
	return a
}

func giveRole(name string, role v1alpha1.Role) action {
	a := put(name, &notOwnRole, func(m *v1alpha1.Member) { m.Spec.Role = role })
	a.role = role
	return a
}

func with(a action, nobody *refusal) action {
	a.nobody = nobody
	return a
}
