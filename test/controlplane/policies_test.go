package controlplane

import (
	"os"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// noServices is a policy that refuses a Service named forbidden.
const noServices = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: no-services}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [services], resourceNames: [forbidden]}
  validations: [{expression: "false"}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: no-services}
spec: {policyName: no-services, validationActions: [Deny]}
`

func enforcesPolicies(t *testing.T, c *ControlPlane, client kubernetes.Interface) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"kustomization.yaml": "resources: [policy.yaml]\n", "policy.yaml": noServices} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.ApplyKustomization(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	service := &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "forbidden"},
		Spec:       corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}},
	}
	_, err := client.CoreV1().Services("default").Create(t.Context(), service, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if !apierrors.IsInvalid(err) {
		t.Errorf("creating it returned %v, want a refusal by the policy", err)
	}
	left, err := client.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(left.Items) != 1 {
		t.Errorf("there are %d bindings (%v), want the one applied", len(left.Items), err)
	}
}
