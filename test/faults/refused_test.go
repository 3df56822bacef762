//go:build faults

package faults

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

// refusal is what an API server with a will of its own does not let through.
type refusal struct {
	operations []admissionregistrationv1.OperationType
	rule       admissionregistrationv1.Rule
	// probe makes a request of the kind, as a dry run.
	probe func(*environment) error
}

// refusals are by what is refused.
var refusals = map[string]refusal{
	"status of members": {
		operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Update},
		rule:       admissionregistrationv1.Rule{APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: []string{"members/status"}},
		probe: func(env *environment) error {
			member := &v1alpha1.Member{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: v1alpha1.SuperAdminMemberName}}
			patch := client.RawPatch("application/merge-patch+json", []byte(`{"status":{"loginReason":"NotIssued"}}`))
			return env.Cluster.Exempt.Status().Patch(env.Context(), member, patch, client.DryRunAll)
		},
	},
	"secrets": {
		operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create, admissionregistrationv1.Update},
		rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"*"}, Resources: []string{"secrets"}},
		probe: func(env *environment) error {
			secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "probe"}}
			return env.Cluster.Exempt.Create(env.Context(), secret, client.DryRunAll)
		},
	},
	"deletions of role bindings": {
		operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Delete},
		rule:       admissionregistrationv1.Rule{APIGroups: []string{rbacv1.GroupName}, APIVersions: []string{"*"}, Resources: []string{"rolebindings"}},
		probe: func(env *environment) error {
			binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "rollcall-member-" + v1alpha1.SuperAdminMemberName}}
			return env.Cluster.Exempt.Delete(env.Context(), binding, client.DryRunAll)
		},
	},
}

// refusalWords are what a refused request is told.
const refusalWords = "not while the test says so"

// refuse has the API server refuse something in the namespace until end is called.
func (env *environment) refuse(r refusal) (end func()) {
	env.Helper()
	policy := &admissionregistrationv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "refuse-" + env.Namespace},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionregistrationv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: env.Namespace}},
				ResourceRules: []admissionregistrationv1.NamedRuleWithOperations{{
					RuleWithOperations: admissionregistrationv1.RuleWithOperations{Operations: r.operations, Rule: r.rule},
				}},
			},
			Validations: []admissionregistrationv1.Validation{{Expression: "false", Message: refusalWords}},
		},
	}
	binding := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: policy.Name},
		Spec: admissionregistrationv1.ValidatingAdmissionPolicyBindingSpec{
			PolicyName: policy.Name, ValidationActions: []admissionregistrationv1.ValidationAction{admissionregistrationv1.Deny},
		},
	}
	env.CreateAll(policy, binding)
	env.Cleanup(func() {
		for _, object := range []client.Object{binding, policy} {
			if err := env.Delete(context.WithoutCancel(env.Context()), object); client.IgnoreNotFound(err) != nil {
				env.Errorf("deleting %T: %v", object, err)
			}
		}
	})
	env.Eventually("the policy is enforced", func() error { return isRefused(r.probe(env), refusalWords) })
	return func() {
		env.Helper()
		if err := env.Delete(env.Context(), binding); err != nil {
			env.Fatal(err)
		}
		env.Eventually("the policy is no longer enforced", func() error {
			if err := isRefused(r.probe(env), refusalWords); err != nil {
				return nil //nolint:nilerr // whatever else it says, it is not that
			}
			return errors.New("it is refused")
		})
	}
}

// isRefused checks for an answer of the API server to be a refusal with some words.
func isRefused(err error, words string) error {
	if err == nil || !strings.Contains(err.Error(), words) || (!apierrors.IsForbidden(err) && !apierrors.IsInvalid(err)) {
		return fmt.Errorf("the answer is %w", errors.Join(err, errors.New("no refusal")))
	}
	return nil
}

// lasting looks for a while at what is not as it should be, and returns the longest
// time that one thing was so, and which.
func (env *environment) lasting(duration time.Duration, wrong func() []string) (longest time.Duration, which string) {
	env.Helper()
	since := map[string]time.Time{}
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for begun := time.Now(); elapsed(begun) < duration; { //nolint:forbidigo // measuring
		now, still := time.Now(), map[string]time.Time{} //nolint:forbidigo // measuring
		for _, what := range wrong() {
			still[what] = now
			if from, known := since[what]; known {
				still[what] = from
			}
			if lasted := now.Sub(still[what]); lasted > longest {
				longest, which = lasted, what
			}
		}
		since = still
		select {
		case <-ticker.C:
		case <-env.Context().Done():
			env.Fatal(env.Context().Err())
		}
	}
	return longest, which
}

// stillAllowed are the Members, as of a change of their spec, who may log in although
// their spec denies it.
func (env *environment) stillAllowed() []string {
	env.Helper()
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	var wrong []string
	for _, member := range members {
		if member.DeniesLogin(time.Now()) != "" && member.Status.Login == v1alpha1.LoginAllowed { //nolint:forbidigo // as the operator's
			wrong = append(wrong, fmt.Sprintf("%s %s in generation %d", member.Name, member.UID, member.Generation))
		}
	}
	return wrong
}

// stillPermitted are the Members who have permissions although their spec denies the
// login.
func (env *environment) stillPermitted() []string {
	env.Helper()
	bindings := &rbacv1.RoleBindingList{}
	if err := env.List(env.Context(), bindings, client.InNamespace(env.Namespace), client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue}); err != nil {
		env.Fatal(err)
	}
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	var wrong []string
	for i := range bindings.Items {
		owner := metav1.GetControllerOf(&bindings.Items[i])
		if owner == nil {
			continue
		}
		member := members[owner.Name]
		if member != nil && member.UID == owner.UID && member.DeniesLogin(time.Now()) != "" { //nolint:forbidigo // as the operator's
			wrong = append(wrong, fmt.Sprintf("%s %s in generation %d", member.Name, member.UID, member.Generation))
		}
	}
	return wrong
}

// promptly is how long a cut-off may take on a machine that is busy with other
// tests; in a quiet one it takes milliseconds.
const promptly = 10 * time.Second

func TestRequestsRefusedForAWhileAreMadeUpFor(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		refusal string
		// meanwhile is what must not last, although something is refused.
		meanwhile func(*environment) []string
	}{
		"status of members":          {"status of members", (*environment).stillPermitted},
		"secrets":                    {"secrets", (*environment).stillAllowed},
		"deletions of role bindings": {"deletions of role bindings", (*environment).stillAllowed},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
			o := newOperator(t, env.Cluster.Operator, []*environment{env})
			o.start()
			l := env.startLoad(everyday)
			env.Eventually("the Super Admin has permissions", func() error {
				binding := &rbacv1.RoleBinding{}
				return env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: "rollcall-member-" + v1alpha1.SuperAdminMemberName}, binding)
			})
			env.pause(env.between(2*time.Second, 4*time.Second))
			end := env.refuse(refusals[test.refusal])
			longest, which := env.lasting(12*time.Second, func() []string { return test.meanwhile(env) })
			t.Logf("meanwhile a cut-off took %s (%s)", longest, which)
			if longest > promptly {
				t.Errorf("a cut-off took %s: %s", longest, which)
			}
			end()
			ended := time.Now() //nolint:forbidigo // to measure from
			l.stop()
			// A write that fails is tried again after 30 s at the latest.
			env.Within(45*time.Second, "all is made up for", l.settled)
			t.Logf("all was made up for %s after the end", elapsed(ended))
			l.check()
			env.checkRepeats(0)
			o.stop()
		})
	}
}
