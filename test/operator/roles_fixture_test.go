package operator

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// requesterEnvironment is a contact center of its own for one requester, in which nothing
// happens but what the requester asks for: the operator has given all members their
// permissions, and was stopped.
type requesterEnvironment struct {
	requester
	*environment
	caller
	// owner is something there that a Member could belong to.
	owner metav1.OwnerReference
	cells int

	allowed, refused int
	// tried has the cells that isNew has seen.
	tried map[string]bool
	// originals are the Members that cells are about, as they were before, by name.
	originals map[string]*v1alpha1.Member
}

// newRequesterEnvironments returns an environment for each requester.
func newRequesterEnvironments(t *testing.T) []*requesterEnvironment {
	t.Helper()
	environments := make([]*requesterEnvironment, 0, len(requesters))
	for _, r := range requesters {
		base := newEnvironment(t)
		owner := named(base, &corev1.ConfigMap{}, "owner")
		base.CreateAll(owner, base.ContactCenterWithIdentity(),
			base.withRole("ana", v1alpha1.RoleDeskAdmin), base.withRole("wei", v1alpha1.RoleSupervisor),
			base.withRole("putri", v1alpha1.RoleDeskStaff), base.withRole("eli", v1alpha1.RoleDeskStaff), base.withRole("cleo", v1alpha1.RoleDeskStaff),
			base.editor("oidc:eli@example.com"), base.SkillGroup("billing"))
		environments = append(environments, &requesterEnvironment{
			requester: r, environment: base, tried: map[string]bool{}, originals: map[string]*v1alpha1.Member{},
			owner: metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID},
		})
	}
	namespaces := make([]string, 0, len(environments))
	for _, env := range environments {
		namespaces = append(namespaces, env.Namespace)
	}
	stop := environments[0].StartOperator(environments[0].Cluster.Operator, namespaces...)
	for _, env := range environments {
		env.awaitGranted(v1alpha1.SuperAdminMemberName, "ana", "wei")
		for _, name := range []string{"putri", "eli", "cleo"} {
			env.AwaitMember(name, ready)
		}
	}
	stop()
	return environments
}

// awaitGranted waits until Members have the permissions of their roles.
func (env *environment) awaitGranted(names ...string) {
	env.Helper()
	for _, name := range names {
		env.AwaitMember(name, ready, granted(v1alpha1.ReasonGranted))
	}
}

// editor returns a RoleBinding of a user to rollcall-editor.
func (env *environment) editor(username string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, GenerateName: "editor-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "rollcall-editor"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: username}},
	}
}

// authenticate acts as the requester: by certificate, and the operator by the
// token of its ServiceAccount.
func (r requester) authenticate(t *testing.T) *rest.Config {
	t.Helper()
	switch {
	case r.passes:
		return shared.Cluster(t).Operator
	case r.isClusterAdministrator():
		return withCertificate(t, r.username(), "system:masters")
	default:
		return withCertificate(t, r.username())
	}
}

// in is the same environment for a subtest.
func (env *requesterEnvironment) in(t *testing.T) *requesterEnvironment {
	t.Helper()
	again := *env
	again.environment = env.environment.in(t)
	return &again
}

// count counts what the requester asked for.
func (env *requesterEnvironment) count(objections []refusal) {
	if len(objections) == 0 {
		env.allowed++
	} else {
		env.refused++
	}
}

// find reads a Member; nil if there is none.
func (env *environment) find(name string) *v1alpha1.Member {
	env.Helper()
	member := &v1alpha1.Member{}
	if !env.Find(name, member) {
		return nil
	}
	return member
}

// remove deletes an object that may have gone.
func (env *environment) remove(object client.Object) {
	env.Helper()
	if err := client.IgnoreNotFound(env.Delete(env.Context(), object)); err != nil {
		env.Fatal(err)
	}
}

// release takes the finalizers from all Members, so that the namespace can go.
func (env *environment) release() {
	env.Helper()
	var members v1alpha1.MemberList
	if err := env.List(env.Context(), &members, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	for i := range members.Items {
		if len(members.Items[i].Finalizers) > 0 {
			change(env.exempt(), &members.Items[i], func(m *v1alpha1.Member) { m.Finalizers = nil })
		}
	}
}
