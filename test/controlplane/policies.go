package controlplane

import (
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// policyPatience is how long the API server gets to enforce new policies, which it
// looks for once a second.
const policyPatience = time.Minute

// ApplyKustomization applies the kustomization in the folder dir by server-side
// apply, as the field manager rollcall-cli. ValidatingAdmissionPolicies in it are
// enforced when it returns.
func (c *ControlPlane) ApplyKustomization(ctx context.Context, dir string) error {
	applied, err := c.Kubectl(ctx, "", "apply", "--server-side", "--force-conflicts", "--field-manager="+FieldManager, "-k", dir)
	if err != nil || !strings.Contains(applied, "validatingadmissionpolicy") {
		return err
	}
	return c.awaitPolicies(ctx)
}

// policyProbe is a policy that forbids the ConfigMap of its own name and nothing else.
const policyProbe = `
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: %[1]s}
spec: {policyName: %[1]s, validationActions: [Deny]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: %[1]s}
spec:
  matchConstraints:
    resourceRules:
      - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps], resourceNames: [%[1]s]}
  validations: [{expression: "false"}]
`

// awaitPolicies waits until the API server enforces all policies that are there.
// It takes them up in the order in which they were made, so it does once it
// enforces one that is made now.
func (c *ControlPlane) awaitPolicies(ctx context.Context) error {
	clients, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return err
	}
	probe := metav1.ObjectMeta{Name: "policy-probe-" + rand.String(10)}
	manifest := fmt.Sprintf(policyProbe, probe.Name)
	if _, err := c.Kubectl(ctx, manifest, "create", "-f", "-"); err != nil {
		return err
	}
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, policyPatience, true, func(ctx context.Context) (bool, error) {
		_, err := clients.CoreV1().ConfigMaps(metav1.NamespaceDefault).Create(ctx, &corev1.ConfigMap{ObjectMeta: probe}, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) {
			return true, nil
		}
		return false, err
	})
	if err != nil {
		return fmt.Errorf("waiting for the API server to enforce its admission policies: %w", err)
	}
	_, err = c.Kubectl(ctx, manifest, "delete", "-f", "-")
	return err
}
