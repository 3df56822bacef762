package operator

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestThePoliciesAllowOnlyTheOperatorAndKubernetesOwnControllers(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	for username, passes := range map[string]bool{
		operatorUsername: true,
		"system:serviceaccount:kube-system:generic-garbage-collector": true,
		"system:serviceaccount:kube-system:namespace-controller":      true,
		"system:kube-controller-manager":                              true,

		"system:serviceaccount:kube-system:horizontal-pod-autoscaler":             false,
		"system:serviceaccount:kube-system:default":                               false,
		"system:serviceaccount:kube-system:rollcall-controller-manager":           false,
		"system:serviceaccount:" + env.Namespace + ":rollcall-controller-manager": false,
		"system:serviceaccount:" + env.Namespace + ":generic-garbage-collector":   false,
		"system:serviceaccount:rollcall-system:default":                           false,
		"system:serviceaccount:rollcall-system:rollcall-controller-manager-2":     false,
		"system:serviceaccount:system:controller-manager":                         false,
		"System:ServiceAccount:Rollcall-System:Rollcall-Controller-Manager":       false,
		"oidc:system:serviceaccount:rollcall-system:rollcall-controller-manager":  false,
		"system:kube-scheduler": false,
		"system:apiserver":      false,
		"kubernetes-admin":      false,
		"":                      false, // the cluster administrator of the tests
	} {
		somebody := env.Cluster.Admin
		if username != "" {
			somebody = clientFor(t, impersonating(t, username))
		}
		superAdmin, held, owned := env.GetMember(v1alpha1.SuperAdminMemberName), env.GetMember("ana"), env.GetMember("ana")
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

func TestThePoliciesAllowEverythingInANamespaceThatIsBeingDeleted(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	hold := func(m *v1alpha1.Member) { m.Finalizers = []string{"example.com/hold"} }
	for _, name := range []string{v1alpha1.SuperAdminMemberName, "ana"} {
		change(env.exempt(), env.GetMember(name), hold)
	}
	superAdmin := env.GetMember(v1alpha1.SuperAdminMemberName)
	superAdmin.Finalizers = nil
	if err := checkAnswer(env.Update(t.Context(), superAdmin), []refusal{superAdminIsTheOperators, finalizersAreKept}); err != nil {
		t.Errorf("before: %v", err)
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}}
	env.delete(namespace)
	env.Eventually("the namespace controller has deleted super-admin", func() error {
		if env.GetMember(v1alpha1.SuperAdminMemberName).DeletionTimestamp == nil {
			return errors.New("it has not")
		}
		return nil
	})
	for _, name := range []string{v1alpha1.SuperAdminMemberName, "ana"} {
		change(env, env.GetMember(name), func(m *v1alpha1.Member) { m.Finalizers = nil })
	}
	env.awaitGone(namespace)
}

func TestAContactCenterDeletesCleanlyWhetherOrNotTheOperatorRuns(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{true, false} {
		for _, policy := range []metav1.DeletionPropagation{metav1.DeletePropagationBackground, metav1.DeletePropagationForeground} {
			t.Run(string(policy)+map[bool]string{true: " with the operator", false: " without"}[running], func(t *testing.T) {
				t.Parallel()
				env := newAdministeredEnvironment(t)
				if running {
					env.operate()
				}
				center, superAdmin := env.ContactCenterWithIdentity(), env.GetMember(v1alpha1.SuperAdminMemberName)
				env.delete(center, client.PropagationPolicy(policy))
				env.awaitGone(center)
				env.awaitGone(superAdmin)
				env.awaitBinding(v1alpha1.SuperAdminMemberName, "")
				if running {
					env.awaitBinding("ana", "")
				}
				if env.find("ana") == nil {
					t.Error("ana is gone too")
				}
			})
		}
	}
}

func TestANamespaceWithRolesDeletesCleanlyWithoutTheOperator(t *testing.T) {
	t.Parallel()
	env := newAdministeredEnvironment(t)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: env.Namespace}}
	env.delete(namespace)
	env.awaitGone(namespace)
}
