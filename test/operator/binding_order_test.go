package operator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// history is what happens to a Member and its RoleBinding from now on.
type history struct {
	*environment
	name              string
	members, bindings watch.Interface
}

// follow opens the watches of a history. What it shows first is how things are.
func (env *environment) follow(member string) *history {
	env.Helper()
	open := func(list client.ObjectList, name string) watch.Interface {
		watcher, err := env.Watch(env.Context(), list, client.InNamespace(env.Namespace), client.MatchingFields{"metadata.name": name})
		if err != nil {
			env.Fatal(err)
		}
		env.Cleanup(watcher.Stop)
		return watcher
	}
	return &history{env, member, open(&v1alpha1.MemberList{}, member), open(&rbacv1.RoleBindingList{}, v1alpha1.RoleBindingPrefix+member)}
}

// until reads a watch up to the event that is wanted, and returns the version of
// the environment that it made. Those of different resource kinds compare, since all of them
// are in one etcd.
func (h *history) until(watcher watch.Interface, what string, wanted func(watch.Event) bool) uint64 {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), testenv.DefaultPatience)
	defer cancel()
	for {
		select {
		case <-ctx.Done():
			h.Fatalf("%s: not within %s\nlog of the operator:\n%s", what, testenv.DefaultPatience, h.OperatorLog)
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

// revokedFirst checks for the RoleBinding to go, and then login to be denied.
func (h *history) revokedFirst() {
	h.Helper()
	if revoked, denied := h.bindingWas(watch.Deleted), h.loginIs(v1alpha1.LoginDenied); revoked >= denied {
		h.Errorf("%s: login was denied at version %d, and the permissions went at %d", h.name, denied, revoked)
	}
}

func TestPermissionsGoBeforeLoginIsDeniedAndComeAfterItIsAllowed(t *testing.T) {
	t.Parallel()
	offlineFor := func(m *v1alpha1.Member) {
		m.Spec.ForceOfflineUntil = &metav1.Time{Time: time.Now().Add(2 * time.Second)} //nolint:forbidigo // the operator's clock is the real one here
	}
	env, _ := administrator(t)
	for name, test := range map[string]struct {
		deny, allow func(*v1alpha1.Member)
		restored    v1alpha1.LoginReason
	}{
		"offline": {
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = true },
			func(m *v1alpha1.Member) { m.Spec.ForceOffline = false },
			v1alpha1.LoginReasonActive,
		},
		"offline-for-a-while": {offlineFor, func(*v1alpha1.Member) {}, v1alpha1.LoginReasonForceOfflineExpired},
		"inactive": {
			func(m *v1alpha1.Member) { m.Spec.Active = new(false) },
			func(m *v1alpha1.Member) { m.Spec.Active = new(true) },
			v1alpha1.LoginReasonActive,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			member := env.administrators(name)[name]
			before := env.binding(name)
			history := env.follow(name)
			change(env, member, test.deny)
			history.revokedFirst()
			change(env, member, test.allow)
			// To be denied is what the spec asks for, so Ready stays True all along.
			allowed := history.loginIs(v1alpha1.LoginAllowed,
				has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady), granted(v1alpha1.ReasonLoginDenied))
			if given := history.bindingWas(watch.Added); given <= allowed {
				t.Errorf("login was allowed at version %d, and the permissions came at %d", allowed, given)
			}
			env.AwaitMember(name, login(v1alpha1.LoginAllowed, test.restored), granted(v1alpha1.ReasonGranted),
				has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
			if err := env.checkBinding(name, "rollcall-desk-admin", env.binding(name)); err != nil {
				t.Error(err)
			}
			if env.binding(name).UID == before.UID {
				t.Error("it is the RoleBinding of before")
			}
			env.CheckMessages(name, 1)
		})
	}
}

func TestANewcomersPermissionsComeAfterTheLogin(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	history := env.follow("ana")
	env.operate()
	env.CreateAll(env.ContactCenterWithIdentity())
	env.administrators("ana")
	if allowed, given := history.loginIs(v1alpha1.LoginAllowed), history.bindingWas(watch.Added); given <= allowed {
		t.Errorf("login was allowed at version %d, and the permissions came at %d", allowed, given)
	}
}

func TestADepartedMemberHeldByAFinalizerHasNoPermissions(t *testing.T) {
	t.Parallel()
	env := operated(t)
	ana := env.withRole("ana", v1alpha1.RoleDeskAdmin)
	ana.Finalizers = []string{"example.com/audit"}
	env.CreateAll(env.ContactCenterWithIdentity())
	env.exempt().CreateAll(ana)
	env.AwaitMember("ana", ready, granted(v1alpha1.ReasonGranted))
	history := env.follow("ana")
	env.delete(ana)
	history.revokedFirst()
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDeleting), granted(v1alpha1.ReasonLoginDenied))
	env.awaitQuiet()
	if env.binding("ana") != nil {
		t.Error("the permissions were given again")
	}
	change(env.exempt(), ana, func(m *v1alpha1.Member) { m.Finalizers = nil })
	env.awaitGone(ana)
}

func TestPermissionsGoBeforeALoginThatTheClusterDenies(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	tests := map[string]struct {
		deny   func(name string)
		reason v1alpha1.LoginReason
	}{
		"foreign-secret": {func(name string) {
			env.delete(env.Secret(name))
			foreign := env.credentials(name)
			foreign.Labels, foreign.Data = nil, map[string][]byte{corev1.BasicAuthUsernameKey: nil, corev1.BasicAuthPasswordKey: nil}
			env.CreateAll(foreign)
		}, v1alpha1.LoginReasonNotIssued},
		"duplicate": {func(name string) { // of the Super Admin
			change(env, env.ContactCenter(), func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = name + "@example.com" })
		}, v1alpha1.LoginReasonDuplicate},
		"offline": {func(name string) {
			change(env, env.Member(name), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
		}, v1alpha1.LoginReasonForcedOffline},
		"offline-and-unlabeled": {func(name string) {
			change(env, env.binding(name), func(b *rbacv1.RoleBinding) { b.Labels = nil }) // the cache does not have it then
			change(env, env.Member(name), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
		}, v1alpha1.LoginReasonForcedOffline},
	}
	env.administrators(slices.Collect(maps.Keys(tests))...)
	// It happens while no watch is open.
	env.stopOperator()
	histories := map[string]*history{}
	for name, test := range tests {
		test.deny(name)
		histories[name] = env.follow(name)
	}
	env.operate()
	for name, test := range tests {
		histories[name].revokedFirst()
		env.AwaitMember(name, login(v1alpha1.LoginDenied, test.reason), granted(v1alpha1.ReasonLoginDenied))
		if env.binding(name) != nil {
			t.Errorf("there are permissions of %s", name)
		}
	}
}

func TestPermissionsGoWithTheMemberHoweverItIsDeleted(t *testing.T) {
	t.Parallel()
	for when, stopped := range map[string]bool{"while the operator runs": false, "while it is stopped": true} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			env, _ := administrator(t)
			bindings := map[string]*rbacv1.RoleBinding{}
			policies := map[string]metav1.DeletionPropagation{
				"background": metav1.DeletePropagationBackground, "foreground": metav1.DeletePropagationForeground,
				// The garbage collector only takes the owner off: it is the operator who deletes.
				"orphan": metav1.DeletePropagationOrphan,
			}
			members := env.administrators(slices.Collect(maps.Keys(policies))...)
			for name := range members {
				bindings[name] = env.binding(name)
			}
			if stopped {
				env.stopOperator()
			}
			for name, member := range members {
				env.delete(member, client.PropagationPolicy(policies[name]))
			}
			for _, member := range members {
				env.awaitGone(member)
			}
			if stopped {
				if left := env.binding("orphan"); left == nil || len(left.OwnerReferences) > 0 {
					t.Fatalf("the RoleBinding that is left over is %+v", left)
				}
				env.operate()
			}
			for _, binding := range bindings {
				env.awaitGone(binding)
			}
		})
	}
}

func TestAMemberDeletedAndAddedAgainGetsThePermissionsOfItsRole(t *testing.T) {
	t.Parallel()
	for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationOrphan} {
		t.Run(string(policy), func(t *testing.T) {
			t.Parallel()
			env, _ := administrator(t)
			orphan := policy == metav1.DeletePropagationOrphan
			before := map[string]*rbacv1.RoleBinding{}
			members := env.administrators("admin", "supervisor", "staff")
			for name := range members {
				before[name] = env.binding(name)
			}
			if orphan {
				env.stopOperator() // so that something is left over for the one who comes back
			}
			for _, member := range members {
				env.delete(member, client.PropagationPolicy(policy))
				if orphan {
					env.awaitGone(member)
				}
			}
			env.CreateAll(env.withRole("admin", v1alpha1.RoleDeskAdmin), env.withRole("supervisor", v1alpha1.RoleSupervisor), env.withRole("staff", v1alpha1.RoleDeskStaff))
			if orphan {
				env.operate()
			}
			for name, clusterRole := range map[string]string{"admin": "rollcall-desk-admin", "supervisor": "rollcall-supervisor", "staff": ""} {
				reason := v1alpha1.ReasonGranted
				if clusterRole == "" {
					reason = ""
				}
				env.AwaitMember(name, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive), granted(reason),
					has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
				if after := env.awaitBinding(name, clusterRole); after != nil && after.UID == before[name].UID {
					t.Errorf("it is the RoleBinding of the Member %s before", name)
				}
			}
		})
	}
}

func TestARestartOverPermissionsWritesNothing(t *testing.T) {
	t.Parallel()
	env, _ := administrator(t)
	offline := env.withRole("lin", v1alpha1.RoleDeskAdmin)
	offline.Spec.ForceOffline = true
	env.CreateAll(env.withRole("sun", v1alpha1.RoleSupervisor), env.Member("putri"), offline)
	env.AwaitMember("sun", ready, granted(v1alpha1.ReasonGranted))
	env.AwaitMember("putri", ready)
	env.AwaitMember("lin", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, granted(v1alpha1.ReasonGranted))
	env.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		if status.Members == nil || status.Members.Total != 5 || status.Members.LoginAllowed != 4 || status.Members.MailPending != 0 {
			return fmt.Errorf("counts are %+v", status.Members)
		}
		return nil
	})
	env.awaitQuiet()
	silent := env.expectNoWrites()
	env.stopOperator()
	env.operate()
	// An administrator who comes now is served, so the operator is at work.
	env.CreateAll(env.withRole("wei", v1alpha1.RoleDeskAdmin))
	env.AwaitMember("wei", ready, granted(v1alpha1.ReasonGranted))
	silent("wei")
}

func TestANamespaceWithPermissionsDeletesCleanly(t *testing.T) {
	t.Parallel()
	for name, stopFirst := range map[string]bool{"with the operator stopped": true, "with the operator running": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, _ := administrator(t)
			env.awaitMembers(env.addMembers(5, func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleSupervisor }), ready, granted(v1alpha1.ReasonGranted))
			if stopFirst {
				env.stopOperator()
			}
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}}
			env.delete(namespace)
			env.awaitGone(namespace)
			if got := len(env.Mail.Messages()); got != 7 {
				t.Errorf("there are %d messages, not 7", got)
			}
		})
	}
}
