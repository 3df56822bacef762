package operator

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// awaitGone checks for an object not to exist.
func (env *environment) awaitGone(object client.Object) {
	env.Helper()
	key := client.ObjectKeyFromObject(object)
	env.Eventually(fmt.Sprintf("%T %s is gone", object, key.Name), func() error {
		err := env.Get(env.Context(), key, object)
		if apierrors.IsNotFound(err) {
			return nil
		}
		return errors.Join(errors.New("it is still there"), err)
	})
}

func TestDeletingAMemberInTheBackgroundOrForegroundTakesTheSecretAndMailsNothing(t *testing.T) {
	t.Parallel()
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			env, member := withAna(t)
			secret := env.Secret("ana")
			env.delete(member, client.PropagationPolicy(policy))
			env.awaitGone(member)
			env.awaitGone(secret)
			if got := len(env.Messages("ana@example.com")); got != 1 {
				t.Errorf("the departed member got %d messages", got)
			}
		})
	}
}

func TestOrphaningKeepsTheSecretForAMemberThatComesBack(t *testing.T) {
	t.Parallel()
	env, member := withAna(t)
	before := env.Password("ana")
	env.delete(member, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	env.awaitGone(member)
	if secret := env.Secret("ana"); secret == nil || metav1.GetControllerOf(secret) != nil {
		t.Fatal("the Secret is gone or still owned")
	}
	env.CreateAll(env.Member("ana"))
	env.AwaitMember("ana", has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonAdopted))
	if env.Password("ana") != before {
		t.Error("there is a new password")
	}
	env.CheckMessages("ana", 1)
}

func TestADepartedMemberHeldByAFinalizerIsDeniedAndGetsNothing(t *testing.T) {
	t.Parallel()
	env := operated(t)
	ana := env.Member("ana")
	ana.Finalizers = []string{"example.com/audit"}
	env.CreateAll(env.ContactCenter())
	env.exempt().CreateAll(ana)
	env.AwaitMember("ana", ready)
	env.delete(ana)
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonDeleting))
	// Its Secret deleted, a reset asked for: nothing is made, nothing is mailed.
	env.delete(env.Secret("ana"))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting))
	env.awaitQuiet()
	if env.Secret("ana") != nil {
		t.Error("the Secret was made again")
	}
	if got := len(env.Messages("ana@example.com")); got != 1 {
		t.Errorf("the departed member got %d messages", got)
	}
	change(env.exempt(), ana, func(m *v1alpha1.Member) { m.Finalizers = nil })
	env.awaitGone(ana)
}

func TestANamespaceDeletesCleanly(t *testing.T) {
	t.Parallel()
	for name, stopFirst := range map[string]bool{"with the operator stopped": true, "with the operator running": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := operated(t)
			env.CreateAll(env.ContactCenter())
			env.awaitMembers(env.addMembers(10), ready)
			if stopFirst {
				env.stopOperator()
			}
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}}
			env.delete(namespace)
			env.awaitGone(namespace)
			if got := len(env.Mail.Messages()); got != 11 {
				t.Errorf("there are %d messages, not 11", got)
			}
		})
	}
}

func TestDeletingTheContactCenterTakesTheSuperAdminWithIt(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center)
	superAdmin := env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	env.delete(center)
	env.awaitGone(superAdmin)
}

// collector is who the garbage collector is to the API server.
const collector = "system:serviceaccount:kube-system:generic-garbage-collector"

func TestTheSecretThatTheGarbageCollectorLeavesIsDeletedAfterAMinute(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var ahead atomic.Int64
	env.OperatorOptions.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) } //nolint:forbidigo // the real clock, but for the shift
	env.operate()
	env.CreateAll(env.ContactCenter(), env.Member("ana"), env.Member("wei"))
	ana, wei := env.AwaitMember("ana", ready), env.AwaitMember("wei", ready)
	left := env.Secret("ana")
	// It does leave one, for as long as it runs, whose Member was deleted and added again
	// while its watch was broken.
	env.hold(schema.GroupResource{Resource: "secrets"}, "request.userInfo.username != '"+collector+"'", clientFor(t, impersonating(t, collector)), left)
	env.delete(wei, client.PropagationPolicy(metav1.DeletePropagationOrphan))
	env.awaitGone(wei)
	env.delete(ana)
	env.awaitGone(ana)
	env.awaitQuiet()
	if now := env.Secret("ana"); now == nil || now.UID != left.UID || now.DeletionTimestamp != nil {
		t.Errorf("after a moment the Secret is %+v", now)
	}

	// A minute goes by, and another, each with an event that has the operator look.
	env.Eventually("the Secret is gone", func() error {
		ahead.Add(int64(time.Minute))
		for _, name := range []string{"ana", "wei"} {
			member := v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Name: name}}
			secret := &corev1.Secret{ObjectMeta: env.meta(member.CredentialsSecretName())}
			touch := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"annotations":{"example.com/note":"`+env.OperatorOptions.Now().String()+`"}}}`))
			if err := client.IgnoreNotFound(env.Patch(t.Context(), secret, touch)); err != nil {
				t.Fatal(err)
			}
		}
		if env.Secret("ana") != nil {
			return errors.New("it is there")
		}
		return nil
	})
	if kept := env.Secret("wei"); kept == nil || metav1.GetControllerOf(kept) != nil {
		t.Errorf("what was orphaned on purpose is %+v", kept)
	}
}
