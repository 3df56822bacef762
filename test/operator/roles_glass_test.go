package operator

import (
	"path/filepath"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/test/controlplane"
)

// ownPlane is a control plane for one test, which changes what all tests share
// elsewhere, and a world in its namespace default.
type ownPlane struct {
	*world
	plane *controlplane.ControlPlane
}

// newOwnPlane starts a control plane and applies a kustomization.
func newOwnPlane(t *testing.T, kustomization string) *ownPlane {
	t.Helper()
	plane, err := controlplane.Start(t.Context(), controlplane.Options{CRDs: []string{filepath.Join("..", "..", "config", "crd", "bases")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := plane.ApplyKustomization(t.Context(), kustomization); err != nil {
		t.Fatal(err)
	}
	o := &ownPlane{plane: plane}
	o.world = &world{T: t, namespace: metav1.NamespaceDefault, log: &logBuffer{}, WithWatch: o.as("")}
	return o
}

// as is a client that acts as somebody whom RBAC lets do anything; empty for the
// cluster administrator.
func (o *ownPlane) as(username string) client.WithWatch {
	config := rest.CopyConfig(o.plane.Config)
	if username != "" {
		config.Impersonate = rest.ImpersonationConfig{UserName: username, Groups: []string{"system:masters"}}
	}
	scheme, err := apiclient.NewScheme()
	if err == nil {
		var c client.WithWatch
		if c, err = client.NewWithWatch(config, client.Options{Scheme: scheme}); err == nil {
			return c
		}
	}
	panic(err) // of a config that has worked before
}

// awaitAnswer waits until the API server answers a request like that, which it does
// shortly after its policies were changed.
func (o *ownPlane) awaitAnswer(what string, objections []refusal, ask func() error) {
	o.Helper()
	o.eventually(what, func() error { return checkAnswer(ask(), objections) })
}

func TestBreakingTheGlassFreesTheSuperAdminAndNothingElse(t *testing.T) {
	t.Parallel()
	o := newOwnPlane(t, filepath.Join("..", "..", "config", "default"))
	passing := *o.world
	passing.WithWatch = o.as("system:kube-controller-manager")
	add := func(as client.Client, options ...client.CreateOption) error {
		return as.Create(t.Context(), o.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin), options...)
	}
	center := o.identifyingWithoutMail()
	o.create(center, o.withRole("ana", v1alpha1.RoleDeskAdmin))
	passing.create(o.withRole(v1alpha1.SuperAdminMemberName, v1alpha1.RoleSuperAdmin))
	edit := func() error {
		superAdmin := o.get(v1alpha1.SuperAdminMemberName)
		superAdmin.Spec.PasswordReset = "glass"
		return o.Update(t.Context(), superAdmin)
	}
	o.awaitAnswer("the Super Admin is guarded", []refusal{superAdminIsTheOperators}, edit)
	glass := &admissionregistrationv1.ValidatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: "rollcall-super-admin"}}
	if err := o.Delete(t.Context(), glass); err != nil {
		t.Fatal(err)
	}
	o.awaitAnswer("the Super Admin can be changed", nil, edit)
	if o.get(v1alpha1.SuperAdminMemberName).Spec.PasswordReset != "glass" {
		t.Error("the change is not there")
	}
	held, owned := o.get(v1alpha1.SuperAdminMemberName), o.get(v1alpha1.SuperAdminMemberName)
	held.Finalizers = []string{"example.com/hold"}
	owned.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: "no such object"}}
	ana := o.get("ana")
	ana.Spec.PasswordReset = "today"
	herself := o.as("oidc:ana@example.com")
	o.awaitAnswer("she cannot reset herself", []refusal{notOwnPassword}, func() error { return herself.Update(t.Context(), ana, client.DryRunAll) })
	for what, err := range map[string]error{
		"hold":               checkAnswer(o.Update(t.Context(), held), []refusal{finalizersAreKept}),
		"own":                checkAnswer(o.Update(t.Context(), owned), []refusal{ownersAreKept}),
		"delete super-admin": checkAnswer(o.Delete(t.Context(), o.get(v1alpha1.SuperAdminMemberName)), nil),
		"make a Super Admin": checkAnswer(add(o), []refusal{nobodyBecomesSuperAdmin}),
	} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := add(passing); err != nil {
		t.Error(err)
	}
	if err := o.plane.ApplyKustomization(t.Context(), filepath.Join("..", "..", "config", "default")); err != nil {
		t.Fatal(err)
	}
	o.awaitAnswer("the glass is whole again", []refusal{superAdminIsTheOperators}, edit)
}

func (w *world) identifyingWithoutMail() *v1alpha1.ContactCenter {
	return &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Acme Support", LoginURL: "https://desk.example.com/login",
			SuperAdmin: v1alpha1.SuperAdmin{Name: "Sam Okafor", Email: "sam@example.com"},
			Identity:   &v1alpha1.Identity{UsernamePrefix: "oidc:"},
		},
	}
}
