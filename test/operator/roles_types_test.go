package operator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/test/controlplane"
)

func TestKubernetesFindsNothingWrongWithTheTypesInThePolicies(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.startTypeChecker()
	// Kubernetes does not check a policy that is for all versions of a kind; so it
	// gets copies for the one version, and a wrong one to show that it checks them.
	// No binding has them refuse anything.
	for _, policy := range env.policies("rollcall-") {
		spec := policy.Spec
		spec.MatchConstraints.ResourceRules[0].APIVersions = []string{"v1alpha1"}
		env.createPolicy("checked-"+policy.Name, spec)
		if policy.Name == "rollcall-super-admin" {
			spec.Validations = []admissionregistrationv1.Validation{{Expression: "object.spec.nicknames == 'Desk'"}}
			env.createPolicy("checked-wrong", spec)
		}
	}
	env.Eventually("all policies are checked", func() error {
		for _, policy := range env.policies("checked-") {
			if policy.Status.ObservedGeneration != policy.Generation || policy.Status.TypeChecking == nil {
				return fmt.Errorf("%s has the status %+v", policy.Name, policy.Status)
			}
		}
		return nil
	})
	for _, policy := range env.policies("checked-") {
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

// policies returns the policies whose name has a prefix.
func (env *environment) policies(prefix string) []admissionregistrationv1.ValidatingAdmissionPolicy {
	env.Helper()
	var policies admissionregistrationv1.ValidatingAdmissionPolicyList
	if err := env.List(env.Context(), &policies); err != nil {
		env.Fatal(err)
	}
	found := slices.DeleteFunc(policies.Items, func(p admissionregistrationv1.ValidatingAdmissionPolicy) bool {
		return !strings.HasPrefix(p.Name, prefix)
	})
	if len(found) == 0 {
		env.Fatal("there are no policies")
	}
	return found
}

// createPolicy creates a policy for the time of the test.
func (env *environment) createPolicy(name string, spec admissionregistrationv1.ValidatingAdmissionPolicySpec) {
	env.Helper()
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: *spec.DeepCopy()}
	env.CreateAll(policy)
	env.Cleanup(func() {
		if err := env.Delete(context.WithoutCancel(env.Context()), policy); err != nil {
			env.Error(err)
		}
	})
}

// startTypeChecker starts the controller that checks policies.
func (env *environment) startTypeChecker() {
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
