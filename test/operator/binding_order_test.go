package operator

import (
	"context"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// history is what happens to the Member ana and its RoleBinding from now on.
type history struct {
	*world
	members, bindings watch.Interface
}

// follow opens the watches of a history. What it shows first is how things are.
func (w *world) follow() *history {
	w.Helper()
	open := func(list client.ObjectList, name string) watch.Interface {
		watcher, err := w.Watch(w.Context(), list, client.InNamespace(w.namespace), client.MatchingFields{"metadata.name": name})
		if err != nil {
			w.Fatal(err)
		}
		w.Cleanup(watcher.Stop)
		return watcher
	}
	return &history{w, open(&v1alpha1.MemberList{}, "ana"), open(&rbacv1.RoleBindingList{}, v1alpha1.RoleBindingPrefix+"ana")}
}

// until reads a watch up to the event that is wanted, and returns the version of
// the world that it made. Those of different kinds compare, since all of them
// are in one etcd.
func (h *history) until(watcher watch.Interface, what string, wanted func(watch.Event) bool) uint64 {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), patience)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			h.Fatalf("%s: not within %s\nlog of the operator:\n%s", what, patience, h.log)
		case event, open := <-watcher.ResultChan():
			object, ok := event.Object.(client.Object)
			if !open || !ok {
				h.Fatalf("%s: the watch ended with %+v", what, event)
			}
			if !wanted(event) {
				continue
			}
			version, err := strconv.ParseUint(object.GetResourceVersion(), 10, 64)
			if err != nil {
				h.Fatal(err)
			}
			return version
		}
	}
}

// loginIs is the version that brings a login state. All that a watch shows of the
// Member until then is checked.
func (h *history) loginIs(state v1alpha1.LoginState, checks ...func(*v1alpha1.Member) error) uint64 {
	h.Helper()
	return h.until(h.members, "login "+string(state), func(event watch.Event) bool {
		member, ok := event.Object.(*v1alpha1.Member)
		if !ok {
			h.Fatalf("there is a %T among the Members", event.Object)
		}
		if member.Status.Login == state {
			return true
		}
		for _, check := range checks {
			if err := check(member); err != nil {
				h.Errorf("before login was %s: %v", state, err)
			}
		}
		return false
	})
}

// bindingWas is the version that brings the next event of a type.
func (h *history) bindingWas(eventType watch.EventType) uint64 {
	h.Helper()
	return h.until(h.bindings, "RoleBinding "+string(eventType), func(event watch.Event) bool { return event.Type == eventType })
}

// revokedFirst wants the RoleBinding to go, and then login to be denied.
func (h *history) revokedFirst() {
	h.Helper()
	if revoked, denied := h.bindingWas(watch.Deleted), h.loginIs(v1alpha1.LoginDenied); revoked >= denied {
		h.Errorf("login was denied at version %d, and the permissions went at %d", denied, revoked)
	}
}

func TestPermissionsGoBeforeLoginIsDeniedAndComeAfterItIsAllowed(t *testing.T) {
	t.Parallel()
	offlineFor := func(m *v1alpha1.Member) {
		m.Spec.ForceOfflineUntil = &metav1.Time{Time: time.Now().Add(2 * time.Second)} //nolint:forbidigo // the operator's clock is the real one here
	}
	for name, test := range map[string]struct {
		deny, allow func(*v1alpha1.Member)
		restored    v1alpha1.LoginReason
	}{
		"forced offline": {
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = true },
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = false },
			v1alpha1.LoginReasonActive,
		},
		"forced offline for a while": {offlineFor, func(*v1alpha1.Member) {}, v1alpha1.LoginReasonForceOfflineExpired},
		"inactive": {
			func(m *v1alpha1.Member) { m.Spec.Active = new(false) },
			func(m *v1alpha1.Member) { m.Spec.Active = new(true) },
			v1alpha1.LoginReasonActive,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			ana, _ := w.administrator()
			before := w.binding("ana")
			history := w.follow()
			change(w, ana, test.deny)
			history.revokedFirst()
			change(w, ana, test.allow)
			// To be denied is what the spec asks for, so Ready stays True all along.
			allowed := history.loginIs(v1alpha1.LoginAllowed,
				has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady), granted(v1alpha1.ReasonLoginDenied))
			if given := history.bindingWas(watch.Added); given <= allowed {
				t.Errorf("login was allowed at version %d, and the permissions came at %d", allowed, given)
			}
			w.await("ana", login(v1alpha1.LoginAllowed, test.restored), granted(v1alpha1.ReasonGranted),
				has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
			if err := w.checkBinding("ana", "rollcall-desk-admin", w.binding("ana")); err != nil {
				t.Error(err)
			}
			if w.binding("ana").UID == before.UID {
				t.Error("it is the RoleBinding of before")
			}
			w.mailed("ana", 1)
		})
	}
}

func TestANewcomersPermissionsComeAfterTheLogin(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	history := w.follow()
	w.administrator()
	if allowed, given := history.loginIs(v1alpha1.LoginAllowed), history.bindingWas(watch.Added); given <= allowed {
		t.Errorf("login was allowed at version %d, and the permissions came at %d", allowed, given)
	}
}

func TestALeaverHeldByAFinalizerHasNoPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	ana := w.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Finalizers = []string{"example.com/audit"}
	w.create(w.identifying())
	w.exempt().create(ana)
	w.await("ana", ready, granted(v1alpha1.ReasonGranted))
	history := w.follow()
	if err := w.Delete(t.Context(), ana); err != nil {
		t.Fatal(err)
	}
	history.revokedFirst()
	w.await("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting), granted(v1alpha1.ReasonLoginDenied))
	w.quiet()
	if w.binding("ana") != nil {
		t.Error("the permissions were given again")
	}
	change(w.exempt(), ana, func(m *v1alpha1.Member) { m.Finalizers = nil })
	w.gone(ana)
}

func TestPermissionsGoBeforeTheLoginThatTheWorldDenies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		deny   func(*world)
		reason v1alpha1.LoginReason
	}{
		"the Secret is somebody else's now": {func(w *world) {
			if err := w.Delete(w.Context(), w.secret("ana")); err != nil {
				w.Fatal(err)
			}
			foreign := w.credentials("ana")
			foreign.Labels, foreign.Data = nil, map[string][]byte{corev1.BasicAuthUsernameKey: nil, corev1.BasicAuthPasswordKey: nil}
			w.create(foreign)
		}, v1alpha1.LoginReasonNotIssued},
		"the e-mail address is the Super Admin's now": {func(w *world) {
			change(w, w.center(), func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = "ana@example.com" })
		}, v1alpha1.LoginReasonDuplicate},
		"forced offline": {func(w *world) {
			change(w, w.member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
		}, v1alpha1.LoginReasonForcedOffline},
		"forced offline, and the labels taken off": {func(w *world) {
			change(w, w.binding("ana"), func(b *rbacv1.RoleBinding) { b.Labels = nil }) // the cache does not have it then
			change(w, w.member("ana"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
		}, v1alpha1.LoginReasonForcedOffline},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, stop := w.administrator()
			// It happens while nobody looks.
			stop()
			test.deny(w)
			history := w.follow()
			w.operate()
			history.revokedFirst()
			w.await("ana", login(v1alpha1.LoginDenied, test.reason), granted(v1alpha1.ReasonLoginDenied))
			if w.binding("ana") != nil {
				t.Error("there are permissions")
			}
		})
	}
}
