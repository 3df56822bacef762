package controlplane

import (
	"context"
	"fmt"
	"strings"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
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

// awaitPolicies waits until the API server enforces all policies that are there.
// It takes them up in the order in which they were made, so it does once it
// enforces one that is made now.
func (c *ControlPlane) awaitPolicies(ctx context.Context) error {
	clients, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return err
	}
	probe := metav1.ObjectMeta{Name: "policy-probe-" + rand.String(10)}
	policies, bindings := clients.AdmissionregistrationV1().ValidatingAdmissionPolicies(), clients.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings()
	if _, err := policies.Create(ctx, probePolicy(probe), metav1.CreateOptions{}); err != nil {
		return err
	}
	if _, err := bindings.Create(ctx, probeBinding(probe), metav1.CreateOptions{}); err != nil {
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
	if err := bindings.Delete(ctx, probe.Name, metav1.DeleteOptions{}); err != nil {
		return err
	}
	return policies.Delete(ctx, probe.Name, metav1.DeleteOptions{})
}

// probePolicy forbids the ConfigMap of its own name and nothing else.
func probePolicy(meta metav1.ObjectMeta) *admissionregistrationv1.ValidatingAdmissionPolicy {
	return &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: meta,
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{
				ResourceNames: []string{meta.Name},
				RuleWithOperations: admissionregistrationv1.RuleWithOperations{
					Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
					Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"configmaps"}},
				},
			}}},
			Validations: []admissionregistrationv1.Validation{{Expression: "false"}},
		},
	}
}

func probeBinding(meta metav1.ObjectMeta) *admissionregistrationv1.ValidatingAdmissionPolicyBinding {
	return &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: meta,
		Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName:        meta.Name,
			ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	}
}
