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
func (env *environment) as(name string) client.WithWatch {
	env.Helper()
	return clientFor(env.T, impersonating(env.T, "oidc:"+name+"@example.com"))
}

// mergePatch is a JSON merge patch (RFC 7386).
func mergePatch(format string, arguments ...any) client.Patch {
	return client.RawPatch(types.MergePatchType, fmt.Appendf(nil, format, arguments...))
}

func TestADeskAdminCannotKeepASkillGroupFromGoing(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	for name, spoil := range map[string]func(*metav1.ObjectMeta){
		"metadata.finalizers": func(m *metav1.ObjectMeta) { m.Finalizers = []string{"example.com/for-ever"} },
		"metadata.ownerReferences": func(m *metav1.ObjectMeta) {
			m.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: ana.UID}}
		},
	} {
		group := env.SkillGroup("billing")
		spoil(&group.ObjectMeta)
		if err := refused(env.as("ana").Create(t.Context(), group, client.DryRunAll), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := env.as("ana").Create(t.Context(), env.SkillGroup("billing")); err != nil {
		t.Errorf("a SkillGroup like any other: %v", err)
	}
}

func TestNoFinalizerComesWhileANamespaceIsBeingDeletedAndOneMayGo(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	// These keep the namespace until the end of the test.
	hold := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "hold", Finalizers: []string{"example.com/hold"}}}
	putri, wei := env.Member("putri"), env.Member("wei")
	putri.Finalizers, wei.Finalizers = []string{"example.com/hold"}, []string{"example.com/hold"}
	env.CreateAll(hold)
	env.exempt().CreateAll(putri, wei)
	env.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
	env.Eventually("the policies allow all users", func() error {
		return env.Patch(t.Context(), putri, mergePatch(`{"metadata":{"finalizers":null}}`), client.DryRunAll)
	})
	// The API server itself refuses new ones once the object is being deleted.
	if err := refused(env.Patch(t.Context(), wei, mergePatch(`{"metadata":{"finalizers":["example.com/hold","example.com/more"]}}`)), "finalizers"); err != nil {
		t.Error(err)
	}
	for _, object := range []client.Object{putri, wei, hold} {
		if err := env.Patch(t.Context(), object, mergePatch(`{"metadata":{"finalizers":null}}`)); err != nil {
			t.Error(err)
		}
	}
	env.awaitGone(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
}

func TestADeskAdminCannotOutrunTheDeletionOfTheNamespace(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	zoe := env.Member("zoe")
	env.CreateAll(zoe)
	env.AwaitMember("zoe", ready)
	ana := env.as("ana")
	var race sync.WaitGroup
	race.Go(func() {
		for {
			err := ana.Patch(t.Context(), env.Member("zoe"), mergePatch(`{"metadata":{"finalizers":["example.com/for-ever"]}}`))
			if err == nil {
				t.Error("she won: the Member has a finalizer")
			}
			if err == nil || !strings.Contains(err.Error(), "ValidatingAdmissionPolicy") {
				return // the Member is gone, or her permissions are
			}
		}
	})
	env.delete(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}})
	race.Wait()
	env.awaitGone(zoe)
}

func TestACutOffTakesEffectWhileAnotherClientWritesToTheMember(t *testing.T) {
	t.Parallel()
	env, ana := administrator(t)
	env.CreateAll(env.withRole("eve", v1alpha1.RoleDeskAdmin))
	env.AwaitMember("eve", ready, granted(v1alpha1.ReasonGranted))
	eve := env.as("eve")
	var storm sync.WaitGroup
	ctx, calm := context.WithCancel(t.Context())
	for writer := range 4 {
		storm.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				err := eve.Patch(ctx, env.Member("ana"), mergePatch(`{"metadata":{"labels":{"writer-%d":"%d"}}}`, writer, i))
				if err != nil && ctx.Err() == nil && !apierrors.IsConflict(err) {
					t.Error(err)
				}
			}
		})
	}
	defer storm.Wait()
	defer calm()
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.Eventually("login is denied", func() error {
		return login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline)(env.GetMember("ana"))
	})
	if env.binding("ana") != nil {
		t.Error("login is denied and the permissions are there")
	}
	calm()
	storm.Wait()
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	env.checkEvents("ana", map[string]int{"ForcedOffline": 1})
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
}

func TestPermissionsGoBeforeLoginIsDeniedWithoutASecret(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	env.limit("no-secrets", "count/secrets", &corev1.Secret{ObjectMeta: env.meta("probe")})
	members, err := env.Watch(t.Context(), &v1alpha1.MemberList{}, client.InNamespace(env.Namespace))
	if err != nil {
		t.Fatal(err)
	}
	defer members.Stop()
	env.delete(env.Secret("ana"))
	denied := awaitDenied(members, "ana")
	// The RoleBindings as they were when Denied was written.
	var bindings rbacv1.RoleBindingList
	if err := env.List(t.Context(), &bindings, client.InNamespace(env.Namespace), &client.ListOptions{Limit: 100, Raw: &metav1.ListOptions{
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

func TestAForeignRoleBindingIsReportedWhileLoginIsDenied(t *testing.T) {
	t.Parallel()
	env := operated(t)
	foreign := env.foreignBinding("ana")
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Spec.ForceOffline = true
	env.CreateAll(env.ContactCenterWithIdentity(), foreign, ana)
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", granted(v1alpha1.ReasonRoleBindingConflict))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonRoleBindingConflict))
}

func TestTheSuperAdminIsToldWhoCanReset(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenterWithIdentity())
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, granted(v1alpha1.ReasonGranted))
	superAdmin := env.Member(v1alpha1.SuperAdminMemberName)
	err := env.as("sam").Patch(t.Context(), superAdmin, mergePatch(`{"spec":{"passwordReset":"mine"}}`))
	if err := refused(err, "reset the password, edit spec.superAdmin of the ContactCenter"); err != nil {
		t.Error(err)
	}
}
