package operator

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

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
