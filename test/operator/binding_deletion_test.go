package operator

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestPermissionsGoWithTheMemberHoweverItIsDeleted(t *testing.T) {
	t.Parallel()
	for _, policy := range []metav1.DeletionPropagation{
		metav1.DeletePropagationBackground, metav1.DeletePropagationForeground,
		// The garbage collector only takes the owner off: it is the operator who deletes.
		metav1.DeletePropagationOrphan,
	} {
		for when, stopped := range map[string]bool{"while the operator runs": false, "while it is stopped": true} {
			t.Run(fmt.Sprintf("%s %s", policy, when), func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				ana, stop := env.administrator()
				binding := env.binding("ana")
				if stopped {
					stop()
				}
				env.delete(ana, client.PropagationPolicy(policy))
				env.awaitGone(ana)
				if stopped {
					if left := env.binding("ana"); policy == metav1.DeletePropagationOrphan && (left == nil || len(left.OwnerReferences) > 0) {
						t.Fatalf("the RoleBinding that is left over is %+v", left)
					}
					env.operate()
				}
				env.awaitGone(binding)
			})
		}
	}
}

func TestAMemberDeletedAndAddedAgainGetsThePermissionsOfItsRole(t *testing.T) {
	t.Parallel()
	for role, clusterRole := range map[v1alpha1.Role]string{
		v1alpha1.RoleDeskAdmin: "rollcall-desk-admin", v1alpha1.RoleSupervisor: "rollcall-supervisor", v1alpha1.RoleDeskStaff: "",
	} {
		for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationOrphan} {
			t.Run(fmt.Sprintf("as %s, %s", role, policy), func(t *testing.T) {
				t.Parallel()
				env := newEnvironment(t)
				ana, stop := env.administrator()
				before := env.binding("ana")
				if policy == metav1.DeletePropagationOrphan {
					stop() // so that something is left over for the one who comes back
				}
				env.delete(ana, client.PropagationPolicy(policy))
				if policy == metav1.DeletePropagationOrphan {
					env.awaitGone(ana)
				}
				env.CreateAll(env.withRole("ana", role))
				if policy == metav1.DeletePropagationOrphan {
					env.operate()
				}
				reason := v1alpha1.ReasonGranted
				if clusterRole == "" {
					reason = ""
				}
				env.AwaitMember("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive), granted(reason),
					has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
				if after := env.awaitBinding("ana", clusterRole); after != nil && after.UID == before.UID {
					t.Error("it is the RoleBinding of the Member before")
				}
			})
		}
	}
}

func TestARestartOverPermissionsWritesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	_, stop := env.administrator()
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
	stop()
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
			env := newEnvironment(t)
			_, stop := env.administrator()
			for i := range 5 {
				env.CreateAll(env.withRole(fmt.Sprintf("member-%d", i), v1alpha1.RoleSupervisor))
			}
			for i := range 5 {
				env.AwaitMember(fmt.Sprintf("member-%d", i), ready, granted(v1alpha1.ReasonGranted))
			}
			if stopFirst {
				stop()
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
