package operator

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/test/controlplane"
)

func TestKubernetesFindsNothingWrongWithTheTypesInThePolicies(t *testing.T) {
	t.Parallel()
	env := newOwnCluster(t, "default")
	env.startTypeChecker()
	// Kubernetes does not check a policy that is for all versions of a kind; so it
	// gets copies for the one version, and a wrong one to show that it checks them.
	for _, policy := range env.policies() {
		checked := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "checked-" + policy.Name}, Spec: policy.Spec}
		checked.Spec.MatchConstraints.ResourceRules[0].APIVersions = []string{"v1alpha1"}
		env.CreateAll(checked)
		if policy.Name == "rollcall-super-admin" {
			wrong := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "checked-wrong"}, Spec: checked.Spec}
			wrong.Spec.Validations = []admissionregistrationv1.Validation{{Expression: "object.spec.nicknames == 'Desk'"}}
			env.CreateAll(wrong)
		}
	}
	env.Eventually("all policies are checked", func() error {
		for _, policy := range env.policies() {
			if policy.Status.ObservedGeneration != policy.Generation || policy.Status.TypeChecking == nil {
				return fmt.Errorf("%s has the status %+v", policy.Name, policy.Status)
			}
		}
		return nil
	})
	for _, policy := range env.policies() {
		warnings := policy.Status.TypeChecking.ExpressionWarnings
		if wrong := policy.Name == "checked-wrong"; wrong && len(warnings) == 0 {
			t.Error("the wrong policy was not warned of")
		} else if wrong {
			continue
		}
		for _, warning := range warnings {
			t.Errorf("%s, %s: %s", strings.TrimPrefix(policy.Name, "checked-"), warning.FieldRef, warning.Warning)
		}
	}
}

func (env *ownCluster) policies() []admissionregistrationv1.ValidatingAdmissionPolicy {
	env.Helper()
	var policies admissionregistrationv1.ValidatingAdmissionPolicyList
	if err := env.List(env.Context(), &policies); err != nil {
		env.Fatal(err)
	}
	if len(policies.Items) == 0 {
		env.Fatal("there are no policies")
	}
	return policies.Items
}

// startTypeChecker starts the controller that checks policies.
func (env *ownCluster) startTypeChecker() {
	env.Helper()
	log, err := os.Create(filepath.Join(env.TempDir(), "log"))
	if err != nil {
		env.Fatal(err)
	}
	checker, err := controlplane.StartProcess(env.Context(), log, 20*time.Second, filepath.Join(env.Cluster.Assets, "kube-controller-manager"),
		"--kubeconfig="+env.Cluster.Kubeconfig, "--controllers=validatingadmissionpolicy-status-controller", "--leader-elect=false", "--secure-port=0")
	if err != nil {
		env.Fatal(err)
	}
	env.Cleanup(func() {
		if err := errors.Join(checker.Stop(), log.Close()); err != nil {
			env.Error(err)
		}
	})
}
