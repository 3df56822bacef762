package operator

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheOperatorAndKubernetesOwnControllersPassTheGuardsAndNobodyElse(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	for username, passes := range map[string]bool{
		operatorUsername: true,
		"system:serviceaccount:kube-system:generic-garbage-collector": true,
		"system:serviceaccount:kube-system:namespace-controller":      true,
		"system:kube-controller-manager":                              true,

		"system:serviceaccount:kube-system:horizontal-pod-autoscaler":            false,
		"system:serviceaccount:kube-system:default":                              false,
		"system:serviceaccount:kube-system:rollcall-controller-manager":          false,
		"system:serviceaccount:" + w.namespace + ":rollcall-controller-manager":  false,
		"system:serviceaccount:" + w.namespace + ":generic-garbage-collector":    false,
		"system:serviceaccount:rollcall-system:default":                          false,
		"system:serviceaccount:rollcall-system:rollcall-controller-manager-2":    false,
		"system:serviceaccount:system:controller-manager":                        false,
		"System:ServiceAccount:Rollcall-System:Rollcall-Controller-Manager":      false,
		"oidc:system:serviceaccount:rollcall-system:rollcall-controller-manager": false,
		"system:kube-scheduler": false,
		"system:apiserver":      false,
		"kubernetes-admin":      false,
		"":                      false, // the cluster administrator of the tests
	} {
		somebody := suite.admin
		if username != "" {
			somebody = clientFor(t, impersonating(username))
		}
		superAdmin, held, owned := w.get(v1alpha1.SuperAdminMemberName), w.get("ana"), w.get("ana")
		superAdmin.Spec.Nickname = "Sam " + username[max(0, len(username)-20):]
		held.Finalizers = []string{"example.com/hold"}
		owned.OwnerReferences = superAdmin.OwnerReferences
		for what, test := range map[string]struct {
			err   error
			guard refusal
		}{
			"edit super-admin":   {somebody.Update(t.Context(), superAdmin.DeepCopy(), client.DryRunAll), superAdminIsTheOperators},
			"write its status":   {somebody.Status().Update(t.Context(), superAdmin.DeepCopy(), client.DryRunAll), superAdminIsTheOperators},
			"delete super-admin": {somebody.Delete(t.Context(), superAdmin.DeepCopy(), client.DryRunAll), superAdminIsTheOperators},
			"hold ana":           {somebody.Update(t.Context(), held, client.DryRunAll), finalizersAreKept},
			"own ana":            {somebody.Update(t.Context(), owned, client.DryRunAll), ownersAreKept},
			"for real":           {somebody.Update(t.Context(), superAdmin.DeepCopy()), superAdminIsTheOperators},
		} {
			objections := []refusal{test.guard}
			if passes {
				objections = nil
			}
			if err := checkAnswer(test.err, objections); err != nil {
				t.Errorf("%q: %s: %v", username, what, err)
			}
		}
	}
}

func TestInANamespaceThatIsBeingDeletedTheGuardsLetEverybodyPass(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	hold := func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }
	for _, name := range []string{v1alpha1.SuperAdminMemberName, "ana"} {
		change(w.exempt(), w.get(name), hold)
	}
	superAdmin := w.get(v1alpha1.SuperAdminMemberName)
	superAdmin.Finalizers = nil
	if err := checkAnswer(w.Update(t.Context(), superAdmin), []refusal{superAdminIsTheOperators, finalizersAreKept}); err != nil {
		t.Errorf("before: %v", err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	if err := w.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	w.eventually("the namespace controller has deleted super-admin", func() error {
		if w.get(v1alpha1.SuperAdminMemberName).DeletionTimestamp == nil {
			return errors.New("it has not")
		}
		return nil
	})
	for _, name := range []string{v1alpha1.SuperAdminMemberName, "ana"} {
		change(w, w.get(name), func(m *v1alpha1.Member) { m.Finalizers = nil })
	}
	w.gone(namespace)
}

func TestAContactCenterDeletesCleanlyWhetherOrNotTheOperatorRuns(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground} {
			t.Run(string(policy)+map[bool]string{true: " with the operator", false: " without"}[running], func(t *testing.T) {
				t.Parallel()
				w := newDesk(t)
				if running {
					w.operate()
				}
				center, superAdmin := w.identifying(), w.get(v1alpha1.SuperAdminMemberName)
				if err := w.Delete(t.Context(), center, client.PropagationPolicy(policy)); err != nil {
					t.Fatal(err)
				}
				w.gone(center)
				w.gone(superAdmin)
				w.awaitBinding(v1alpha1.SuperAdminMemberName, "")
				if running {
					w.awaitBinding("ana", "")
				}
				if w.find("ana") == nil {
					t.Error("ana is gone too")
				}
			})
		}
	}
}

func TestANamespaceWithRolesDeletesCleanlyWithoutTheOperator(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: w.namespace}}
	if err := w.Delete(t.Context(), namespace); err != nil {
		t.Fatal(err)
	}
	w.gone(namespace)
}
