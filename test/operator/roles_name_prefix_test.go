package operator

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// acme is config/default under another name, as docs/install.md says to make one.
const acme = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: acme-system
namePrefix: acme-
resources: [%[1]s/default]
transformers: [%[1]s/names]
`

// overlay writes a kustomization over config/; kustomize takes folders by relative
// path only, and looks behind symbolic links.
func overlay(t *testing.T, text string) string {
	t.Helper()
	folder, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs(filepath.Join("..", "..", "config"))
	if err != nil {
		t.Fatal(err)
	}
	if config, err = filepath.EvalSymlinks(config); err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(folder, config)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "kustomization.yaml"), fmt.Appendf(nil, text, relative), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestUnderAnotherNamespaceAndPrefixThePoliciesAllowThatOperator(t *testing.T) {
	t.Parallel()
	env := newOwnCluster(t, overlay(t, acme))
	guard := refusal{apierrors.IsForbidden, strings.ReplaceAll(superAdminIsTheOperators.says, "rollcall-super-admin", "acme-rollcall-super-admin")}
	account, err := env.Cluster.ServiceAccountConfig(t.Context(), "acme-system", "acme-rollcall-controller-manager")
	if err != nil {
		t.Fatal(err)
	}
	env.StartOperator(account)
	env.CreateAll(env.ContactCenterWithIdentity(), env.withRole("ana", v1alpha1.RoleDeskAdmin), env.withRole("wei", v1alpha1.RoleSupervisor))
	for name, clusterRole := range map[string]string{v1alpha1.SuperAdminMemberName: "rollcall-super-admin", "ana": "rollcall-desk-admin", "wei": "rollcall-supervisor"} {
		env.AwaitMember(name, granted(v1alpha1.ReasonGranted), login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
		env.awaitBinding(name, clusterRole)
		if err := env.Get(t.Context(), client.ObjectKey{Name: clusterRole}, &rbacv1.ClusterRole{}); err != nil {
			t.Error(err)
		}
		if err := env.Get(t.Context(), client.ObjectKey{Name: "acme-" + clusterRole}, &rbacv1.ClusterRole{}); !apierrors.IsNotFound(err) {
			t.Errorf("there is a ClusterRole acme-%s: %v", clusterRole, err)
		}
	}
	for username, objections := range map[string][]refusal{
		"system:serviceaccount:acme-system:acme-rollcall-controller-manager": nil,
		operatorUsername: {guard},
		"system:serviceaccount:acme-system:rollcall-controller-manager":          {guard},
		"system:serviceaccount:rollcall-system:acme-rollcall-controller-manager": {guard},
		"": {guard},
	} {
		superAdmin := env.GetMember(v1alpha1.SuperAdminMemberName)
		superAdmin.Spec.Nickname = "Sam"
		if err := checkAnswer(env.as(username).Update(t.Context(), superAdmin, client.DryRunAll), objections); err != nil {
			t.Errorf("%q: %v", username, err)
		}
	}
	// The whole of the role works, not only its name.
	ana, wei := env.as("oidc:ana@example.com"), env.GetMember("wei")
	wei.Spec.ForceOffline = true
	if err := ana.Update(t.Context(), wei); err != nil {
		t.Error(err)
	}
	env.AwaitMember("wei", readyButDenied(v1alpha1.LoginReasonForcedOffline), granted(v1alpha1.ReasonLoginDenied))
	if env.binding("wei") != nil {
		t.Error("login is denied and the permissions are there")
	}
}
