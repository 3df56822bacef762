package operator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/cmd/manager"
	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/oidctest"
)

// runManagerVariable has the test binary be the operator, for the tests that
// need it as a process of its own, to kill or to read its output.
const runManagerVariable = "ROLLCALL_TEST_RUN_MANAGER"

// suite is the control plane that all tests of the package share.
var suite struct {
	start   sync.Once
	err     error
	plane   *controlplane.ControlPlane
	admin   client.WithWatch
	exempt  client.WithWatch
	account *rest.Config
	// gateAccount is the login gate's.
	gateAccount *rest.Config
	issuer      *oidctest.Issuer
	folder      string
}

func TestMain(m *testing.M) {
	if os.Getenv(runManagerVariable) != "" {
		runManager()
		return
	}
	log.SetLogger(logr.Discard())
	code := m.Run()
	if err := stopSuite(); err != nil {
		fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
		code = 1
	}
	os.Exit(code) //nolint:forbidigo // a TestMain ends this way
}

// runManager is main.go's rollcall manager.
func runManager() {
	command := manager.Command("manager", time.Now) //nolint:forbidigo // as main.go
	command.SetArgs(os.Args[1:])
	if err := command.ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // as main.go
	}
}

// startSuite starts the control plane, with the CRDs and the operator's own
// permissions in it, when the first test asks for it.
func startSuite(t *testing.T) {
	t.Helper()
	suite.start.Do(func() {
		// The control plane outlives the test that happened to come first.
		suite.err = installSuite(context.WithoutCancel(t.Context()))
	})
	if suite.err != nil {
		t.Fatalf("the control plane: %v", suite.err)
	}
}

func installSuite(ctx context.Context) error {
	config := filepath.Join("..", "..", "config")
	flags, err := identityAndAudit()
	if err != nil {
		return err
	}
	plane, err := controlplane.Start(ctx, controlplane.Options{CRDs: []string{filepath.Join(config, "crd", "bases")}, APIServerFlags: flags})
	if err != nil {
		return err
	}
	suite.plane = plane
	for _, kustomization := range []string{"default", "gate"} {
		if err := plane.ApplyKustomization(ctx, filepath.Join(config, kustomization)); err != nil {
			return err
		}
	}
	if suite.account, err = plane.ServiceAccountConfig(ctx, "rollcall-system", "rollcall-controller-manager"); err != nil {
		return err
	}
	if suite.gateAccount, err = plane.ServiceAccountConfig(ctx, "rollcall-system", "rollcall-gate"); err != nil {
		return err
	}
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return err
	}
	if suite.admin, err = client.NewWithWatch(plane.Config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	// It passes the guards, where a test needs the world in a state that the
	// operator has to cope with and that guards keep people from making.
	exempt := rest.CopyConfig(plane.Config)
	exempt.Impersonate = rest.ImpersonationConfig{UserName: "system:kube-controller-manager", Groups: []string{"system:masters"}}
	suite.exempt, err = client.NewWithWatch(exempt, client.Options{Scheme: scheme})
	return err
}

// stopSuite stops what the tests have started.
func stopSuite() error {
	var errs []error
	if suite.plane != nil {
		errs = append(errs, suite.plane.Stop())
	}
	// Only after the API server, which asks the issuer for its keys.
	if suite.issuer != nil {
		errs = append(errs, suite.issuer.Close())
	}
	if suite.folder != "" {
		errs = append(errs, os.RemoveAll(suite.folder))
	}
	return errors.Join(errs...)
}
