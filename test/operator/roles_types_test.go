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
	o := newOwnPlane(t, filepath.Join("..", "..", "config", "default"))
	o.startTypeChecker()
	// Kubernetes does not check a policy that is for all versions of a kind; so it
	// gets copies for the one version, and a wrong one to show that it checks them.
	for _, policy := range o.policies() {
		checked := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "checked-" + policy.Name}, Spec: policy.Spec}
		checked.Spec.MatchConstraints.ResourceRules[0].APIVersions = []string{"v1alpha1"}
		o.create(checked)
		if policy.Name == "rollcall-super-admin" {
			wrong := &admissionregistrationv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "checked-wrong"}, Spec: checked.Spec}
			wrong.Spec.Validations = []admissionregistrationv1.Validation{{Expression: "object.spec.nicknames == 'Desk'"}}
			o.create(wrong)
		}
	}
	o.eventually("all policies are checked", func() error {
		for _, policy := range o.policies() {
			if policy.Status.ObservedGeneration != policy.Generation || policy.Status.TypeChecking == nil {
				return fmt.Errorf("%s has the status %+v", policy.Name, policy.Status)
			}
		}
		return nil
	})
	for _, policy := range o.policies() {
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

func (o *ownPlane) policies() []admissionregistrationv1.ValidatingAdmissionPolicy {
	o.Helper()
	var policies admissionregistrationv1.ValidatingAdmissionPolicyList
	if err := o.List(o.Context(), &policies); err != nil {
		o.Fatal(err)
	}
	if len(policies.Items) == 0 {
		o.Fatal("there are no policies")
	}
	return policies.Items
}

// startTypeChecker starts the controller that checks policies.
func (o *ownPlane) startTypeChecker() {
	o.Helper()
	log, err := os.Create(filepath.Join(o.TempDir(), "log"))
	if err != nil {
		o.Fatal(err)
	}
	checker, err := controlplane.StartProcess(o.Context(), log, 20*time.Second, filepath.Join(o.plane.Assets, "kube-controller-manager"),
		"--kubeconfig="+o.plane.Kubeconfig, "--controllers=validatingadmissionpolicy-status-controller", "--leader-elect=false", "--secure-port=0")
	if err != nil {
		o.Fatal(err)
	}
	o.Cleanup(func() {
		if err := errors.Join(checker.Stop(), log.Close()); err != nil {
			o.Error(err)
		}
	})
}
