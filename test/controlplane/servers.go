package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// startServers starts etcd and kube-apiserver and sets Config.
func (c *ControlPlane) startServers(o Options) error {
	// The environment variable USE_EXISTING_CLUSTER must not turn a test loose on
	// somebody's cluster.
	env := &envtest.Environment{
		UseExistingCluster:       new(false),
		ControlPlaneStartTimeout: startTimeout,
		ControlPlaneStopTimeout:  stopTimeout,
		CRDDirectoryPaths:        o.CRDs,
		ErrorIfCRDPathMissing:    true,
	}
	c.env = env
	server, etcd := env.ControlPlane.GetAPIServer(), &envtest.Etcd{}
	env.ControlPlane.Etcd = etcd
	env.ControlPlane.KubectlPath = c.binary("kubectl")
	var err error
	if etcd.DataDir, etcd.Path, etcd.Err, err = c.prepareServer("etcd"); err != nil {
		return err
	}
	if server.CertDir, server.Path, server.Err, err = c.prepareServer("kube-apiserver"); err != nil {
		return err
	}
	// As many a hardened cluster: an owner reference that blocks deletion needs
	// permission for the owner's finalizers.
	server.Configure().Append("enable-admission-plugins", "OwnerReferencesPermissionEnforcement")
	// By default a server that is stopped waits a minute for watches, which do not end
	// by themselves.
	server.Configure().Append("shutdown-watch-termination-grace-period", "5s")
	for name, value := range o.APIServerFlags {
		server.Configure().Set(name, value)
	}
	config, err := env.Start()
	if err != nil {
		return err
	}
	c.Config = rest.CopyConfig(config)
	c.Config.QPS, c.Config.Burst = -1, 0
	c.Etcd = &Server{plane: c, name: "etcd", program: etcd}
	c.APIServer = &Server{plane: c, name: "kube-apiserver", program: server}
	return nil
}

// prepareServer makes the folder of a server and returns it with the program to run and
// the server's log.
func (c *ControlPlane) prepareServer(name string) (folder, program string, log io.Writer, err error) {
	folder = filepath.Join(c.Dir, name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", "", nil, err
	}
	if program, err = writeLauncher(c.Dir, c.binary(name)); err != nil {
		return "", "", nil, err
	}
	log, err = c.openLog(name)
	return folder, program, log, err
}

func (c *ControlPlane) startManager(ctx context.Context) error {
	log, err := c.openLog("kube-controller-manager")
	if err != nil {
		return err
	}
	c.manager, err = StartProcess(ctx, log, stopTimeout, c.binary("kube-controller-manager"),
		"--kubeconfig="+c.Kubeconfig,
		"--controllers=garbage-collector-controller,namespace-controller,serviceaccount-controller",
		"--use-service-account-credentials",
		"--leader-elect=false",
		"--secure-port=0",
	)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return err
	}
	accounts := client.CoreV1().ServiceAccounts("default")
	// This service account is the controller manager's work, also of one before.
	if err := accounts.Delete(ctx, "default", metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	var last error
	err = wait.PollUntilContextTimeout(ctx, pollInterval, startTimeout, true, func(ctx context.Context) (bool, error) {
		if err := c.manager.Exited(); err != nil {
			return false, err
		}
		_, last = accounts.Get(ctx, "default", metav1.GetOptions{})
		return last == nil, nil
	})
	if wait.Interrupted(err) {
		return errors.Join(err, last)
	}
	return err
}

func (c *ControlPlane) binary(name string) string { return filepath.Join(c.Assets, name) }

// RestartControllerManager ends the controller manager and starts another, which
// knows nothing of what the former one was putting off.
func (c *ControlPlane) RestartControllerManager(ctx context.Context) error {
	// One that loses the API server while it starts ends by itself.
	if c.manager.Exited() == nil {
		if err := c.manager.Stop(); err != nil {
			return fmt.Errorf("stopping kube-controller-manager: %w", err)
		}
	}
	return c.startManager(ctx)
}

// openLog opens a server's log: a new one, but for a controller manager that is
// restarted.
func (c *ControlPlane) openLog(name string) (*os.File, error) {
	how := os.O_TRUNC
	if c.manager != nil {
		how = os.O_APPEND
	}
	log, err := os.OpenFile(filepath.Clean(filepath.Join(c.Dir, name+".log")), os.O_CREATE|os.O_WRONLY|how, 0o600)
	if err != nil {
		return nil, err
	}
	c.logs = append(c.logs, log)
	return log, nil
}
