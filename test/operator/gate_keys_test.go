package operator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// keys reads the Secret with the session keys; nil if there is none.
func (w *world) keys() *corev1.Secret {
	w.Helper()
	secret := &corev1.Secret{}
	err := w.Get(w.Context(), w.sessionKeys(), secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return secret
}

// awaitKey waits until there are session keys, and returns their Secret.
func (w *world) awaitKey() (secret *corev1.Secret) {
	w.Helper()
	w.eventually("there is a session key", func() error {
		if secret = w.keys(); secret == nil || len(secret.Data) != 1 {
			return fmt.Errorf("the Secret is %+v", secret)
		}
		return nil
	})
	return secret
}

func TestTheOperatorMakesSessionKeysWhereThereAreNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sessionKeySecret = w.sessionKeys()
	w.operate()
	made := w.awaitKey()
	for name, key := range made.Data {
		if from, err := time.Parse("20060102T150405Z", name); err != nil || time.Since(from) < 0 || time.Since(from) > time.Minute || len(key) != 32 { //nolint:forbidigo // the operator's clock is the real one
			t.Errorf("the key %s has %d bytes (%v), want 32 that begin now", name, len(key), err)
		}
	}
	if made.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue {
		t.Errorf("it is labelled %v", made.Labels)
	}
	if err := w.Delete(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	w.eventually("it is made again", func() error {
		if again := w.keys(); again == nil || again.UID == made.UID {
			return fmt.Errorf("the Secret is %v", again)
		}
		return nil
	})
	change(w, w.awaitKey(), func(s *corev1.Secret) { s.Data = nil })
	w.awaitKey()

	rotated := w.awaitKey()
	change(w, rotated, func(s *corev1.Secret) { s.Data["20991231T000000Z"] = []byte(strings.Repeat("n", 32)) })
	w.create(w.center())
	w.await(v1alpha1.SuperAdminMemberName, ready)
	if left := w.keys(); len(left.Data) != 2 {
		t.Errorf("somebody's key was taken away: there are %d", len(left.Data))
	}
}

func TestSomebodyElsesSecretIsNoPlaceForSessionKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sessionKeySecret = w.sessionKeys()
	w.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: w.sessionKeys().Name},
		Data:       map[string][]byte{"notes": []byte("mine")},
	})
	before := w.keys()
	w.operate()
	w.eventually("the operator says so", func() error {
		if !strings.Contains(w.log.String(), "the Secret has no session key and is not managed by Rollcall: delete it, and the operator creates a new one") {
			return fmt.Errorf("its log does not")
		}
		return nil
	})
	if after := w.keys(); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("it was changed: %v", after.Data)
	}
	if err := w.Delete(t.Context(), before); err != nil {
		t.Fatal(err)
	}
	w.awaitKey()
}

func TestKeysAreRotatedWithoutLoggingAnybodyOut(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	other := d.openGate()
	password := d.password("ana")
	v := d.visitor()
	d.eventuallyAsked("ana logs in", http.StatusSeeOther, "", func() answer { return v.logIn(password) })
	old := d.awaitKey()

	// The new key begins in a minute: until then both gates seal with the old one.
	begins := time.Now().Add(time.Minute).UTC().Format("20060102T150405Z") //nolint:forbidigo // the gate's clock, but for the shift
	change(d.world, old, func(s *corev1.Secret) { s.Data[begins] = []byte(strings.Repeat("n", 32)) })
	for _, gate := range []*door{d, other} {
		gate.shift.Store(int64(90 * time.Second)) // less than makes a directory stale
		d.eventuallyAsked("the old session", http.StatusOK, "", func() answer { return v.at(gate).ask("any", nil) })
	}
	later := d.visitor()
	d.eventually("new sessions have the new key", func() error {
		later = d.visitor()
		d.want("ana logs in anew", later.logIn(password), http.StatusSeeOther, "")
		return got(later.at(other).ask("any", nil), http.StatusOK, "")
	})
	change(d.world, old, func(s *corev1.Secret) {
		s.Data = map[string][]byte{begins: s.Data[begins]}
	})
	d.eventuallyAsked("without its key the old session is none", http.StatusUnauthorized, "SessionInvalid", func() answer { return v.ask("any", nil) })
	d.want("the new one goes on", later.ask("any", nil), http.StatusOK, "")
}
