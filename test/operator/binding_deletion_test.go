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
				w := newWorld(t)
				ana, stop := w.administrator()
				binding := w.binding("ana")
				if stopped {
					stop()
				}
				w.delete(ana, client.PropagationPolicy(policy))
				w.gone(ana)
				if stopped {
					if left := w.binding("ana"); policy == metav1.DeletePropagationOrphan && (left == nil || len(left.OwnerReferences) > 0) {
						t.Fatalf("the RoleBinding that is left over is %+v", left)
					}
					w.operate()
				}
				w.gone(binding)
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
				w := newWorld(t)
				ana, stop := w.administrator()
				before := w.binding("ana")
				if policy == metav1.DeletePropagationOrphan {
					stop() // so that something is left over for the one who comes back
				}
				w.delete(ana, client.PropagationPolicy(policy))
				if policy == metav1.DeletePropagationOrphan {
					w.gone(ana)
				}
				w.create(w.withRole("ana", role))
				if policy == metav1.DeletePropagationOrphan {
					w.operate()
				}
				reason := v1alpha1.ReasonGranted
				if clusterRole == "" {
					reason = ""
				}
				w.await("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive), granted(reason),
					has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady))
				if after := w.awaitBinding("ana", clusterRole); after != nil && after.UID == before.UID {
					t.Error("it is the RoleBinding of the Member before")
				}
			})
		}
	}
}

func TestARestartOverPermissionsWritesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, stop := w.administrator()
	offline := w.withRole("lin", v1alpha1.RoleDeskAdmin)
	offline.Spec.ForceOffline = true
	w.create(w.withRole("sun", v1alpha1.RoleSupervisor), w.member("putri"), offline)
	w.await("sun", ready, granted(v1alpha1.ReasonGranted))
	w.await("putri", ready)
	w.await("lin", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	w.await(v1alpha1.SuperAdminMemberName, ready, granted(v1alpha1.ReasonGranted))
	w.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		if status.Members == nil || status.Members.Total != 5 || status.Members.LoginAllowed != 4 || status.Members.MailPending != 0 {
			return fmt.Errorf("counts are %+v", status.Members)
		}
		return nil
	})
	w.quiet()
	silent := w.expectNoWrites()
	stop()
	w.operate()
	// An administrator who comes now is served, so the operator is at work.
	w.create(w.withRole("wei", v1alpha1.RoleDeskAdmin))
	w.await("wei", ready, granted(v1alpha1.ReasonGranted))
	silent("wei")
}

func TestANamespaceWithPermissionsDeletesCleanly(t *testing.T) {
	t.Parallel()
	for name, stopFirst := range map[string]bool{"with the operator stopped": true, "with the operator running": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			_, stop := w.administrator()
			for i := range 5 {
				w.create(w.withRole(fmt.Sprintf("member-%d", i), v1alpha1.RoleSupervisor))
			}
			for i := range 5 {
				w.await(fmt.Sprintf("member-%d", i), ready, granted(v1alpha1.ReasonGranted))
			}
			if stopFirst {
				stop()
			}
			namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
			w.delete(namespace)
			w.gone(namespace)
			if got := len(w.mail.Messages()); got != 7 {
				t.Errorf("there are %d letters, not 7", got)
			}
		})
	}
}
