package operator

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// stage is a contact centre of its own for one requester, in which nothing
// happens but what the requester asks for: the operator has given everybody their
// permissions, and was stopped.
type stage struct {
	requester
	*world
	caller
	// owner is something there that a Member could belong to.
	owner metav1.OwnerReference
	cells int

	allowed, refused int
}

// newStages are a stage for each requester.
func newStages(t *testing.T) []*stage {
	t.Helper()
	stages := make([]*stage, 0, len(requesters))
	for _, r := range requesters {
		w := newWorld(t)
		owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "owner"}}
		w.create(owner, w.identifying(),
			w.withRole("ana", v1alpha1.RoleDeskAdmin), w.withRole("wei", v1alpha1.RoleSupervisor),
			w.withRole("putri", v1alpha1.RoleDeskStaff), w.withRole("eli", v1alpha1.RoleDeskStaff), w.withRole("cleo", v1alpha1.RoleDeskStaff),
			w.editor("oidc:eli@example.com"), w.group("billing"))
		s := &stage{requester: r, world: w, owner: metav1.OwnerReference{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}}
		stages = append(stages, s)
	}
	namespaces := make([]string, 0, len(stages))
	for _, s := range stages {
		namespaces = append(namespaces, s.namespace)
	}
	stop := stages[0].operateFor(namespaces...)
	for _, s := range stages {
		s.awaitGranted(v1alpha1.SuperAdminMemberName, "ana", "wei")
		for _, name := range []string{"putri", "eli", "cleo"} {
			s.await(name, ready)
		}
	}
	stop()
	return stages
}

// awaitGranted waits until Members have the permissions of their roles.
func (w *world) awaitGranted(names ...string) {
	w.Helper()
	for _, name := range names {
		w.await(name, ready, granted(v1alpha1.ReasonGranted))
	}
}

// editor gives somebody the permissions of rollcall-editor.
func (w *world) editor(username string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, GenerateName: "editor-"},
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
		return suite.account
	case r.ruling():
		return withCertificate(t, r.username(), "system:masters")
	default:
		return withCertificate(t, r.username())
	}
}

// in is the same stage for a subtest.
func (s *stage) in(t *testing.T) *stage {
	t.Helper()
	again, w := *s, *s.world
	w.T, again.world = t, &w
	return &again
}

// count counts what the requester asked for.
func (s *stage) count(objections []refusal) {
	if len(objections) == 0 {
		s.allowed++
	} else {
		s.refused++
	}
}

// find reads a Member; nil if there is none.
func (w *world) find(name string) *v1alpha1.Member {
	w.Helper()
	member := &v1alpha1.Member{}
	err := w.Get(w.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, member)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return member
}

// remove deletes an object that may have gone.
func (w *world) remove(object client.Object) {
	w.Helper()
	if err := client.IgnoreNotFound(w.Delete(w.Context(), object)); err != nil {
		w.Fatal(err)
	}
}

// release takes the finalizers from all Members, so that the namespace can go.
func (w *world) release() {
	w.Helper()
	var members v1alpha1.MemberList
	if err := w.List(w.Context(), &members, client.InNamespace(w.namespace)); err != nil {
		w.Fatal(err)
	}
	for i := range members.Items {
		if len(members.Items[i].Finalizers) > 0 {
			change(w.exempt(), &members.Items[i], func(m *v1alpha1.Member) { m.Finalizers = nil })
		}
	}
}
