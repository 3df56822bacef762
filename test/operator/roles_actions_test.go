package operator

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// action is what is done to a Member.
type action struct {
	name, resource string
	// verb is RBAC's for what is no change; a change has those of its method.
	verb string
	// before is what the Member is like; nil: as it was added.
	before func(*v1alpha1.Member)
	// change is what becomes of the Member, or of its status if that is the resource;
	// nil for what is no change. It may be made of a Member that has changed already.
	change func(env *requesterEnvironment, member *v1alpha1.Member)
	// takesAway reports whether the change only removes something.
	takesAway bool
	// do does what is no change.
	do func(env *requesterEnvironment, member *v1alpha1.Member, dryRun []string) error
	// role is the one that it gives.
	role v1alpha1.Role
	// everyone is the policy that refuses it to every requester.
	everyone *refusal
	// notSelf is the guard that keeps people from doing it to themselves.
	notSelf *refusal
}

// tomorrow is when a cut-off ends.
var tomorrow = metav1.NewTime(time.Now().AddDate(0, 0, 1).Truncate(time.Second)) //nolint:forbidigo // any time to come will do

var actions = []action{
	{name: "see", verb: "get", resource: "members", do: func(env *requesterEnvironment, m *v1alpha1.Member, _ []string) error {
		return env.client.Get(env.Context(), client.ObjectKeyFromObject(m), m.DeepCopy())
	}},
	{name: "read the password of", verb: "get", resource: "secrets", do: func(env *requesterEnvironment, m *v1alpha1.Member, _ []string) error {
		return env.client.Get(env.Context(), client.ObjectKey{Namespace: m.Namespace, Name: m.CredentialsSecretName()}, &corev1.Secret{})
	}},
	setting("edit", nil, func(m *v1alpha1.Member) { m.Spec.Nickname = "Desk" }),
	giveRole("promote to Desk Admin", v1alpha1.RoleDeskAdmin),
	giveRole("promote to Super Admin", v1alpha1.RoleSuperAdmin),
	giveRole("demote to Desk Staff", v1alpha1.RoleDeskStaff),
	setting("reset the password of", &notOwnPassword, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "today" }),
	setting("force offline", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }),
	setting("force offline for a while", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }),
	setting("say why offline", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineReason = "on leave" }),
	setting("deactivate", &notOwnActivity, func(m *v1alpha1.Member) { m.Spec.Active = new(false) }),
	undo("restore", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true }, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false }),
	takingAway("restore early", &notOwnCutOff, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &tomorrow }, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = nil }),
	undo("activate", &notOwnActivity, func(m *v1alpha1.Member) { m.Spec.Active = new(false) }, func(m *v1alpha1.Member) { m.Spec.Active = new(true) }),
	{name: "delete", verb: "delete", resource: "members", notSelf: &notOwnDeletion, do: func(env *requesterEnvironment, m *v1alpha1.Member, dryRun []string) error {
		return env.client.Delete(env.Context(), m.DeepCopy(), &client.DeleteOptions{DryRun: dryRun})
	}},
	{
		name: "delete by a collection", verb: "deletecollection", resource: "members", notSelf: &notOwnDeletion,
		do: func(env *requesterEnvironment, m *v1alpha1.Member, dryRun []string) error {
			return env.client.DeleteAllOf(env.Context(), &v1alpha1.Member{}, &client.DeleteAllOfOptions{
				ListOptions:   client.ListOptions{Namespace: m.Namespace, FieldSelector: fields.OneTermEqualSelector("metadata.name", m.Name)},
				DeleteOptions: client.DeleteOptions{DryRun: dryRun},
			})
		},
	},
	{name: "write the status of", resource: "members/status", change: func(_ *requesterEnvironment, m *v1alpha1.Member) {
		m.Status.Login, m.Status.LoginReason = v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired
	}},
	{name: "set the owner of", resource: "members", everyone: &ownersAreKept, change: func(env *requesterEnvironment, m *v1alpha1.Member) {
		if !slices.Contains(m.OwnerReferences, env.owner) {
			m.OwnerReferences = append(m.OwnerReferences, env.owner)
		}
	}},
	guardedFor(setting("hold", nil, func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }), &finalizersAreKept),
	guardedFor(takingAway("release", nil, func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }, func(m *v1alpha1.Member) { m.Finalizers = nil }), &finalizersAreKept),
}

func setting(name string, notSelf *refusal, change func(*v1alpha1.Member)) action {
	return action{name: name, resource: "members", notSelf: notSelf, change: func(_ *requesterEnvironment, m *v1alpha1.Member) { change(m) }}
}

func undo(name string, notSelf *refusal, before, change func(*v1alpha1.Member)) action {
	a := setting(name, notSelf, change)
	a.before = before
	return a
}

func takingAway(name string, notSelf *refusal, before, change func(*v1alpha1.Member)) action {
	a := undo(name, notSelf, before, change)
	a.takesAway = true
	return a
}

func giveRole(name string, role v1alpha1.Role) action {
	a := setting(name, &notOwnRole, func(m *v1alpha1.Member) { m.Spec.Role = role })
	a.role = role
	return a
}

func guardedFor(a action, everyone *refusal) action {
	a.everyone = everyone
	return a
}
