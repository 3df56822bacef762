package controlplane

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
)

// A control plane takes seconds to start, so one serves every test of it.
func TestControlPlane(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	c := start(t, nil)
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("collects what a deleted owner owned", func(t *testing.T) {
		t.Parallel()
		collectsGarbage(t, client)
	})
	t.Run("deletes a namespace with what is in it", func(t *testing.T) {
		t.Parallel()
		deletesNamespace(t, client)
	})
	t.Run("forbids a service account what it has no role for", func(t *testing.T) {
		t.Parallel()
		forbids(t, c)
	})
	t.Run("forbids to block an owner's deletion without permission for its finalizers", func(t *testing.T) {
		t.Parallel()
		enforcesOwnerReferences(t, c, client)
	})
	t.Run("runs kubectl as cluster-admin with a kubeconfig for this user only", func(t *testing.T) {
		t.Parallel()
		runsKubectl(t, c)
	})
	t.Run("knows a user by certificate, who may do what roles say", func(t *testing.T) {
		t.Parallel()
		knowsUsers(t, c)
	})
	t.Run("enforces the policies of a kustomization once it is applied", func(t *testing.T) {
		t.Parallel()
		enforcesPolicies(t, c, client)
	})
	t.Run("lets a test choose the editor of kubectl edit", func(t *testing.T) {
		t.Parallel()
		edits(t, c, client)
	})
}

// start starts a control plane for one test.
func start(t *testing.T, flags map[string]string) *ControlPlane {
	t.Helper()
	c, err := Start(t.Context(), Options{Dir: t.TempDir(), Log: t.Output(), APIServerFlags: flags})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func collectsGarbage(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	maps := client.CoreV1().ConfigMaps("default")
	owner := create(t, client, "owner", nil)
	create(t, client, "owned", []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}})
	if err := maps.Delete(t.Context(), owner.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	waitGone(t, func(ctx context.Context) error {
		_, err := maps.Get(ctx, "owned", metav1.GetOptions{})
		return err
	})
}

func deletesNamespace(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	const name = "short-lived"
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	content := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "content"}}
	if _, err := client.CoreV1().ConfigMaps(name).Create(t.Context(), content, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := client.CoreV1().Namespaces().Delete(t.Context(), name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	waitGone(t, func(ctx context.Context) error {
		_, err := client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{})
		return err
	})
}

func forbids(t *testing.T, c *ControlPlane) {
	t.Helper()
	config, err := c.ServiceAccountConfig(t.Context(), "default", "default")
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "system:serviceaccount:default:default") {
		t.Errorf("listing secrets returned %v, want a refusal that names the service account", err)
	}
}

func enforcesOwnerReferences(t *testing.T, c *ControlPlane, client kubernetes.Interface) {
	t.Helper()
	if _, err := c.Kubectl(t.Context(), "", "create", "serviceaccount", "writer"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"create", "role", "writer", "--verb=create", "--resource=configmaps"},
		{"create", "rolebinding", "writer", "--role=writer", "--serviceaccount=default:writer"},
	} {
		if _, err := c.Kubectl(t.Context(), "", args...); err != nil {
			t.Fatal(err)
		}
	}
	config, err := c.ServiceAccountConfig(t.Context(), "default", "writer")
	if err != nil {
		t.Fatal(err)
	}
	writer, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	owner := create(t, client, "guarded-owner", nil)
	blocking := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "blocking", OwnerReferences: []metav1.OwnerReference{
		{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID, BlockOwnerDeletion: new(true)},
	}}}
	_, err = writer.CoreV1().ConfigMaps("default").Create(t.Context(), blocking, metav1.CreateOptions{})
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "finalizers") {
		t.Errorf("creating it returned %v, want a refusal that names finalizers", err)
	}
}

func runsKubectl(t *testing.T, c *ControlPlane) {
	t.Helper()
	info, err := os.Stat(c.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("the kubeconfig has mode %o, want 600", mode)
	}
	out, err := c.Kubectl(t.Context(), "", "auth", "can-i", "*", "*")
	if err != nil || strings.TrimSpace(out) != "yes" {
		t.Errorf("may the kubeconfig do everything? %q, %v", out, err)
	}
	dir := t.TempDir()
	text := "configMapGenerator: [{name: applied, literals: [a=b]}]\ngeneratorOptions: {disableNameSuffixHash: true}\n"
	if err := os.WriteFile(filepath.Join(dir, "kustomization.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := c.ApplyKustomization(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	out, err = c.Kubectl(t.Context(), "", "get", "configmap", "applied", "-o", "jsonpath={.metadata.managedFields[*].manager}")
	if err != nil || out != FieldManager {
		t.Errorf("applied by %q (%v), want %s", out, err, FieldManager)
	}
	_, err = c.Kubectl(t.Context(), "", "get", "configmap", "absent")
	if err == nil || !strings.Contains(err.Error(), `"absent" not found`) {
		t.Errorf("a failing kubectl returned %v, want its complaint", err)
	}
}

func create(t *testing.T, client kubernetes.Interface, name string, owners []metav1.OwnerReference) *corev1.ConfigMap {
	t.Helper()
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name, OwnerReferences: owners}}
	object, err := client.CoreV1().ConfigMaps("default").Create(t.Context(), object, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return object
}

func waitGone(t *testing.T, get func(context.Context) error) {
	t.Helper()
	err := wait.PollUntilContextTimeout(t.Context(), pollInterval, 25*time.Second, true, func(ctx context.Context) (bool, error) {
		err := get(ctx)
		if err == nil || apierrors.IsNotFound(err) {
			return err != nil, nil
		}
		return false, err
	})
	if err != nil {
		t.Errorf("it is still there: %v", err)
	}
}
