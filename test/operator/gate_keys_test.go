package operator

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// keys reads the Secret with the session keys; nil if there is none.
func (env *environment) keys() *corev1.Secret {
	env.Helper()
	secret := &corev1.Secret{}
	err := env.Get(env.Context(), env.sessionKeys(), secret)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		env.Fatal(err)
	}
	return secret
}

// awaitKey waits until there are session keys, and returns their Secret.
func (env *environment) awaitKey() (secret *corev1.Secret) {
	env.Helper()
	env.Eventually("there is a session key", func() error {
		if secret = env.keys(); secret == nil || len(secret.Data) != 1 {
			return fmt.Errorf("the Secret is %+v", secret)
		}
		return nil
	})
	return secret
}

func TestTheOperatorMakesSessionKeysWhereThereAreNone(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.SessionKeySecret = env.sessionKeys()
	env.operate()
	made := env.awaitKey()
	for name, key := range made.Data {
		if from, err := time.Parse("20060102T150405Z", name); err != nil || time.Since(from) < 0 || time.Since(from) > time.Minute || len(key) != 32 { //nolint:forbidigo // the operator's clock is the real one
			t.Errorf("the key %s has %d bytes (%v), want 32 that begin now", name, len(key), err)
		}
	}
	if made.Labels[v1alpha1.ManagedByLabel] != v1alpha1.ManagedByValue {
		t.Errorf("it is labeled %v", made.Labels)
	}
	env.delete(made)
	env.Eventually("it is made again", func() error {
		if again := env.keys(); again == nil || again.UID == made.UID {
			return fmt.Errorf("the Secret is %v", again)
		}
		return nil
	})
	change(env, env.awaitKey(), func(s *corev1.Secret) { s.Data = nil })
	env.awaitKey()

	rotated := env.awaitKey()
	change(env, rotated, func(s *corev1.Secret) { s.Data["20991231T000000Z"] = []byte(strings.Repeat("n", 32)) })
	env.CreateAll(env.ContactCenter())
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	if left := env.keys(); len(left.Data) != 2 {
		t.Errorf("a foreign key was removed: there are %d", len(left.Data))
	}
}

func TestSessionKeysAreNotWrittenToAForeignSecret(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.OperatorOptions.SessionKeySecret = env.sessionKeys()
	env.CreateAll(&corev1.Secret{
		ObjectMeta: env.meta(env.sessionKeys().Name),
		Data:       map[string][]byte{"notes": []byte("mine")},
	})
	before := env.keys()
	env.operate()
	env.Eventually("the operator says so", func() error {
		if !strings.Contains(env.OperatorLog.String(), "the Secret has no session key and is not managed by Rollcall: delete it, and the operator creates a new one") {
			return fmt.Errorf("its log does not")
		}
		return nil
	})
	if after := env.keys(); after.ResourceVersion != before.ResourceVersion {
		t.Errorf("it was changed: %v", after.Data)
	}
	env.delete(before)
	env.awaitKey()
}

func TestKeysAreRotatedWithoutEndingSessions(t *testing.T) {
	t.Parallel()
	gate := newGateFixture(t)
	other := gate.openGate()
	password := gate.Password("ana")
	browser := gate.newBrowser()
	gate.eventuallyAnswers("ana logs in", http.StatusSeeOther, "", func() answer { return browser.logIn(password) })
	old := gate.awaitKey()

	// The new key begins in a minute: until then both gates seal with the old one.
	begins := time.Now().Add(time.Minute).UTC().Format("20060102T150405Z") //nolint:forbidigo // the gate's clock, but for the shift
	change(gate.environment, old, func(s *corev1.Secret) { s.Data[begins] = []byte(strings.Repeat("n", 32)) })
	for _, gate := range []*gateFixture{gate, other} {
		gate.Ahead.Store(int64(90 * time.Second)) // less than makes a directory stale
		gate.eventuallyAnswers("the old session", http.StatusOK, "", func() answer { return browser.through(gate).ask("any", nil) })
	}
	later := gate.newBrowser()
	gate.Eventually("new sessions have the new key", func() error {
		later = gate.newBrowser()
		gate.checkAnswered("ana logs in anew", later.logIn(password), http.StatusSeeOther, "")
		return checkStatus(later.through(other).ask("any", nil), http.StatusOK, "")
	})
	change(gate.environment, old, func(s *corev1.Secret) {
		s.Data = map[string][]byte{begins: s.Data[begins]}
	})
	gate.eventuallyAnswers("without its key the old session is none", http.StatusUnauthorized, "SessionInvalid", func() answer { return browser.ask("any", nil) })
	gate.checkAnswered("the new one goes on", later.ask("any", nil), http.StatusOK, "")
}
