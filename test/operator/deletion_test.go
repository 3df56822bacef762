package operator

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// gone wants an object not to exist.
func (w *world) gone(object client.Object) {
	w.Helper()
	key := client.ObjectKeyFromObject(object)
	w.eventually(fmt.Sprintf("%T %s is gone", object, key.Name), func() error {
		err := w.Get(w.Context(), key, object)
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
			w := newWorld(t)
			w.operate()
			w.create(w.center(), w.member("ana"))
			member := w.await("ana", ready)
			secret := w.secret("ana")
			if err := w.Delete(t.Context(), member, client.PropagationPolicy(policy)); err != nil {
				t.Fatal(err)
			}
			w.gone(member)
			w.gone(secret)
			if got := len(w.letters("ana@example.com")); got != 1 {
				t.Errorf("the leaver got %d letters", got)
			}
		})
	}
}

func TestOrphaningKeepsTheSecretForAMemberThatComesBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	w.create(w.center(), w.member("ana"))
	member := w.await("ana", ready)
	before := w.password("ana")
	if err := w.Delete(t.Context(), member, client.PropagationPolicy(metav1.DeletePropagationOrphan)); err != nil {
		t.Fatal(err)
	}
	w.gone(member)
	if secret := w.secret("ana"); secret == nil || metav1.GetControllerOf(secret) != nil {
		t.Fatal("the Secret is gone or still owned")
	}
	w.create(w.member("ana"))
	w.await("ana", has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonAdopted))
	if w.password("ana") != before {
		t.Error("there is a new password")
	}
	w.mailed("ana", 1)
}

func TestALeaverHeldByAFinalizerIsDeniedAndNothingIsDoneForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	ana := w.member("ana")
	ana.Finalizers = []string{"example.com/audit"}
	w.create(w.center())
	w.exempt().create(ana)
	w.await("ana", ready)
	if err := w.Delete(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	w.await("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonDeleting))
	// Its Secret deleted, a reset asked for: nothing is made, nothing is mailed.
	if err := w.Delete(t.Context(), w.secret("ana")); err != nil {
		t.Fatal(err)
	}
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
	w.await("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting))
	w.quiet()
	if w.secret("ana") != nil {
		t.Error("the Secret was made again")
	}
	if got := len(w.letters("ana@example.com")); got != 1 {
		t.Errorf("the leaver got %d letters", got)
	}
	change(w.exempt(), ana, func(m *v1alpha1.Member) { m.Finalizers = nil })
	w.gone(ana)
}

func TestANamespaceDeletesCleanly(t *testing.T) {
	t.Parallel()
	for name, stopFirst := range map[string]bool{"with the operator stopped": true, "with the operator running": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			stop := w.operate()
			w.create(w.center())
			for i := range 10 {
				w.create(w.member(fmt.Sprintf("member-%d", i)))
			}
			for i := range 10 {
				w.await(fmt.Sprintf("member-%d", i), ready)
			}
			if stopFirst {
				stop()
			}
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
			if err := w.Delete(t.Context(), namespace); err != nil {
				t.Fatal(err)
			}
			w.gone(namespace)
			if got := len(w.mail.Messages()); got != 11 {
				t.Errorf("there are %d letters, not 11", got)
			}
		})
	}
}

func TestDeletingTheContactCenterTakesTheSuperAdminWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	center := w.center()
	w.create(center)
	superAdmin := w.await(v1alpha1.SuperAdminMemberName, ready)
	if err := w.Delete(t.Context(), center); err != nil {
		t.Fatal(err)
	}
	w.gone(superAdmin)
}
