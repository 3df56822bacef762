package operator

import (
	"path/filepath"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// ownCluster is the namespace default of a cluster for one test, which changes what
// other tests share.
type ownCluster struct{ *environment }

// newOwnCluster starts a cluster with a kustomization.
func newOwnCluster(t *testing.T, kustomization string) *ownCluster {
	t.Helper()
	cluster := testenv.StartForTest(t, testenv.Options{Install: []string{kustomization}})
	return &ownCluster{&environment{Environment: cluster.Environment(t, metav1.NamespaceDefault)}}
}

// as returns a client that acts as a user whom RBAC allows everything; empty: the
// cluster administrator.
func (env *ownCluster) as(username string) client.WithWatch {
	if username == "" {
		return env.Cluster.Admin
	}
	return env.Cluster.ClientFor(env.T, env.Cluster.Impersonate(username))
}

// awaitAnswer waits until the API server answers a request like that, which it does
// shortly after its policies were changed.
func (env *ownCluster) awaitAnswer(what string, objections []refusal, ask func() error) {
	env.Helper()
	env.Eventually(what, func() error { return checkAnswer(ask(), objections) })
}

func TestDeletingTheSuperAdminPolicyBindingFreesTheSuperAdminAndNothingElse(t *testing.T) {
	t.Parallel()
	env := newOwnCluster(t, "default")
	passing := env.exempt()
	add := func(as client.Client, options ...client.CreateOption) error {
		return as.Create(t.Context(), env.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin), options...)
	}
	center := env.ContactCenterWithIdentity()
	env.CreateAll(center, env.withRole("ana", v1alpha1.RoleDeskAdmin))
	passing.CreateAll(env.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin))
	edit := func() error {
		superAdmin := env.GetMember(v1alpha1.SuperAdminMemberName)
		superAdmin.Spec.PasswordReset = "glass"
		return env.Update(t.Context(), superAdmin)
	}
	env.awaitAnswer("the Super Admin is guarded", []refusal{superAdminIsTheOperators}, edit)
	glass := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-super-admin"}}
	env.delete(glass)
	env.awaitAnswer("the Super Admin can be changed", nil, edit)
	if env.GetMember(v1alpha1.SuperAdminMemberName).Spec.PasswordReset != "glass" {
		t.Error("the change is not there")
	}
	held, owned := env.GetMember(v1alpha1.SuperAdminMemberName), env.GetMember(v1alpha1.SuperAdminMemberName)
	held.Finalizers = []string{"example.com/hold"}
	owned.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: "no such object"}}
	ana := env.GetMember("ana")
	ana.Spec.PasswordReset = "today"
	herself := env.as("oidc:ana@example.com")
	env.awaitAnswer("she cannot reset herself", []refusal{notOwnPassword}, func() error { return herself.Update(t.Context(), ana, client.DryRunAll) })
	for what, err := range map[string]error{
		"hold":               checkAnswer(env.Update(t.Context(), held), []refusal{finalizersAreKept}),
		"own":                checkAnswer(env.Update(t.Context(), owned), []refusal{ownersAreKept}),
		"delete super-admin": checkAnswer(env.Delete(t.Context(), env.GetMember(v1alpha1.SuperAdminMemberName)), nil),
		"make a Super Admin": checkAnswer(add(env), []refusal{noSecondSuperAdmin}),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := add(passing); err != nil {
		t.Error(err)
	}
	if err := env.Cluster.ApplyKustomization(t.Context(), filepath.Join("..", "..", "config", "default")); err != nil {
		t.Fatal(err)
	}
	env.awaitAnswer("the glass is whole again", []refusal{superAdminIsTheOperators}, edit)
}
