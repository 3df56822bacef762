package controlplane

import (
	"context"
	"syscall"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// restartPatience is how long a control plane has until it works again.
const restartPatience = time.Minute

func TestAControlPlaneGoesOnWhereItWasAfterItsServersWereDown(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	c := start(t, nil)
	admin, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.APIServer.Start(t.Context()); err == nil {
		t.Error("a server that runs was started")
	}
	account := reader(t, c)
	// One after the other: they share the servers.
	for _, test := range []struct {
		name string
		down func() error
		up   func(context.Context) error
	}{
		{"the API server was stopped", c.APIServer.Stop, c.APIServer.Start},
		{"the API server was killed", c.APIServer.Kill, c.APIServer.Start},
		{"etcd was stopped", c.Etcd.Stop, c.Etcd.Start},
		{"etcd was killed", c.Etcd.Kill, c.Etcd.Start},
	} {
		before := create(t, admin, "before", nil)
		watching, err := account.CoreV1().ConfigMaps("default").Watch(t.Context(), metav1.ListOptions{ResourceVersion: before.ResourceVersion})
		if err != nil {
			t.Fatal(err)
		}
		if err := test.down(); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if err := test.down(); err == nil {
			t.Errorf("%s: it was so twice", test.name)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if _, err := account.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{}); err == nil {
			t.Errorf("%s: what is down answers", test.name)
		}
		cancel()
		if err := test.up(t.Context()); err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		watching.Stop()
		after, err := account.CoreV1().ConfigMaps("default").Get(t.Context(), "before", metav1.GetOptions{})
		if err != nil || after.UID != before.UID || after.ResourceVersion != before.ResourceVersion {
			t.Errorf("%s: the object is %v, %v, and was %v", test.name, after.ObjectMeta, err, before.ObjectMeta)
		}
		if err := admin.CoreV1().ConfigMaps("default").Delete(t.Context(), "before", metav1.DeleteOptions{}); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if err := c.manager.Exited(); err != nil {
		t.Error(err)
	}
	for _, ended := range []bool{false, true} {
		if ended {
			if err := c.manager.Signal(syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			<-c.manager.Done()
		}
		if err := c.RestartControllerManager(t.Context()); err != nil {
			t.Errorf("another controller manager (the former ended by itself: %v): %v", ended, err)
		}
		if err := c.manager.Exited(); err != nil {
			t.Error(err)
		}
	}
	collectsGarbage(t, admin)
}

// reader is a client that may read ConfigMaps, as a service account.
func reader(t *testing.T, c *ControlPlane) kubernetes.Interface {
	t.Helper()
	for _, arguments := range [][]string{
		{"create", "serviceaccount", "reader"},
		{"create", "role", "reader", "--verb=get,list,watch", "--resource=configmaps"},
		{"create", "rolebinding", "reader", "--role=reader", "--serviceaccount=default:reader"},
	} {
		if _, err := c.Kubectl(t.Context(), "", arguments...); err != nil {
			t.Fatal(err)
		}
	}
	var config *rest.Config
	var account kubernetes.Interface
	err := wait.PollUntilContextTimeout(t.Context(), pollInterval, restartPatience, true, func(ctx context.Context) (bool, error) {
		var err error
		if config, err = c.ServiceAccountConfig(ctx, "default", "reader"); err != nil {
			return false, err
		}
		if account, err = kubernetes.NewForConfig(config); err != nil {
			return false, err
		}
		_, err = account.CoreV1().ConfigMaps("default").List(ctx, metav1.ListOptions{})
		if apierrors.IsForbidden(err) {
			return false, nil // RBAC learns of bindings by a watch
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account
}
