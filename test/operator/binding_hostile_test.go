package operator

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// as is the client of a member.
func (w *world) as(name string) client.WithWatch {
	w.Helper()
	return clientFor(w.T, impersonating("oidc:"+name+"@example.com"))
}

// mergePatch is a JSON merge patch (RFC 7386).
func mergePatch(format string, arguments ...any) client.Patch {
	return client.RawPatch(types.MergePatchType, fmt.Appendf(nil, format, arguments...))
}

func TestADeskAdminCannotKeepASkillGroupFromGoing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, _ := w.administrator()
	for name, spoil := range map[string]func(*metav1.ObjectMeta){
		"metadata.finalizers": func(m *metav1.ObjectMeta) { m.Finalizers = []string{"example.com/for-ever"} },
		"metadata.ownerReferences": func(m *metav1.ObjectMeta) {
			m.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: ana.UID}}
		},
	} {
		group := w.group("billing")
		spoil(&group.ObjectMeta)
		if err := refused(w.as("ana").Create(t.Context(), group, client.DryRunAll), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.as("ana").Create(t.Context(), w.group("billing")); err != nil {
		t.Errorf("a SkillGroup like any other: %v", err)
	}
}

func TestNoFinalizerComesWhileANamespaceIsBeingDeletedAndOneMayGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	// These keep the namespace until the end of the test.
	hold := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "hold", Finalizers: []string{"example.com/hold"}}}
	putri, wei := w.member("putri"), w.member("wei")
	putri.Finalizers, wei.Finalizers = []string{"example.com/hold"}, []string{"example.com/hold"}
	w.create(hold)
	w.exempt().create(putri, wei)
	w.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
	w.eventually("anybody passes the guards", func() error {
		return w.Patch(t.Context(), putri, mergePatch(`{"metadata":{"finalizers":null}}`), client.DryRunAll)
	})
	// The API server itself refuses new ones once the object is being deleted.
	if err := refused(w.Patch(t.Context(), wei, mergePatch(`{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}`)), "finalizers"); err != nil {
		t.Error(err)
	}
	for _, object := range []client.Object{putri, wei, hold} {
		if err := w.Patch(t.Context(), object, mergePatch(`{"metadata":{"finalizers":null}}`)); err != nil {
			t.Error(err)
		}
	}
	w.gone(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
}

func TestADeskAdminCannotOutrunTheDeletionOfTheNamespace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.administrator()
	zoe := w.member("zoe")
	w.create(zoe)
	w.await("zoe", ready)
	ana := w.as("ana")
	var race sync.WaitGroup
	race.Go(func() {
		for {
			err := ana.Patch(t.Context(), w.member("zoe"), mergePatch(`{"metadata":{"finalizers":["example.com/for-ever"]}}`))
			if err == nil {
				t.Error("she won: the Member has a finalizer")
			}
			if err == nil || !strings.Contains(err.Error(), "ValidatingAdmissionPolicy") {
				return // the Member is gone, or her permissions are
			}
		}
	})
	w.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}})
	race.Wait()
	w.gone(zoe)
}

func TestACutOffTakesHoldHoweverOftenSomebodyWritesToTheMember(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ana, _ := w.administrator()
	w.create(w.withRole("eve", v1alpha1.RoleDeskAdmin))
	w.await("eve", ready, granted(v1alpha1.ReasonGranted))
	eve := w.as("eve")
	var storm sync.WaitGroup
	ctx, calm := context.WithCancel(t.Context())
	for writer := range 4 {
		storm.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				err := eve.Patch(ctx, w.member("ana"), mergePatch(`{"metadata":{"labels":{"writer-%d":"%d"}}}`, writer, i))
				if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) {
					t.Error(err)
				}
			}
		})
	}
	defer storm.Wait()
	defer calm()
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	w.eventually("login is denied", func() error {
		return login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline)(w.get("ana"))
	})
	if w.binding("ana") != nil {
		t.Error("login is denied and the permissions are there")
	}
	calm()
	storm.Wait()
	w.await("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	if events := w.awaitEvents("ana", 1); events["ForcedOffline"] != 1 {
		t.Errorf("events are %v", events)
	}
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	w.await("ana", ready, granted(v1alpha1.ReasonGranted))
}

func TestPermissionsGoBeforeLoginIsDeniedForWantOfASecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.administrator()
	w.limit("no-secrets", "count/secrets", &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "probe"}})
	members, err := w.Watch(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(w.namespace))
	if err != nil {
		t.Fatal(err)
	}
	defer members.Stop()
	w.delete(w.secret("ana"))
	denied := awaitDenied(members, "ana")
	// The RoleBindings as they were when Denied was written.
	var bindings rbacv1.RoleBindingList
	if err := w.List(t.Context(), &bindings, client.InNamespace(w.namespace), &client.ListOptions{Limit: 100, Raw: &metav1.ListOptions{
		ResourceVersion: denied.ResourceVersion, ResourceVersionMatch: metav1.ResourceVersionMatchExact,
	}}); err != nil {
		t.Fatal(err)
	}
	for i := range bindings.Items {
		if bindings.Items[i].Name == denied.RoleBindingName() {
			t.Errorf("login is Denied/%s and the permissions are there", denied.Status.LoginReason)
		}
	}
}

// awaitDenied is a Member as it is when its login has been denied.
func awaitDenied(members watch.Interface, name string) *v1alpha1.Member {
	for event := range members.ResultChan() {
		member, ok := event.Object.(*v1alpha1.Member)
		if ok && member.Name == name && member.Status.Login == v1alpha1.LoginDenied {
			return member
		}
	}
	return &v1alpha1.Member{}
}

func TestAForeignRoleBindingIsToldOfWhileLoginIsDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	foreign := w.somebodys("ana")
	ana := w.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Spec.ForceOffline = true
	w.create(w.identifying(), foreign, ana)
	w.await("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	w.await("ana", granted(v1alpha1.ReasonRoleBindingConflict))
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	w.await("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonRoleBindingConflict))
}

func TestTheSuperAdminIsToldWhoCanReset(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	w.create(w.identifying())
	w.await(v1alpha1.SuperAdminMemberName, ready, granted(v1alpha1.ReasonGranted))
	superAdmin := w.member(v1alpha1.SuperAdminMemberName)
	err := w.as("sam").Patch(t.Context(), superAdmin, mergePatch(`{"spec":{"passwordReset":"mine"}}`))
	if err := refused(err, "in its spec.superAdmin"); err != nil {
		t.Error(err)
	}
}
