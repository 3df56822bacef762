//go:build interop

// Package interop tests the login gate with the real parts around it: a control
// plane, the operator and the gate as processes, nginx and Caddy with the example
// configurations of config/gate/examples, and Chromium. `make test-interop` runs
// it.
package interop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// patience is how long a test waits for what must come.
	patience = testenv.DefaultPatience
	// stopPatience is how long a program has to end.
	stopPatience = 30 * time.Second
	// deskNamespace is the contact center of the example configurations, and
	// deskHost and deskURL are where they serve its site.
	deskNamespace = "support-desk"
	deskHost      = "desk.example.com"
	deskURL       = "https://" + deskHost
	// sessionKeys is the Secret with the keys of sessions.
	sessionKeys = testenv.SystemNamespace + "/rollcall-gate-session-keys"
	// gateName is what the gate's certificate is for.
	gateName = "rollcall-gate.rollcall-system.svc"
)

// suite is what all tests share: a contact center with an operator and a gate.
var suite struct {
	start    sync.Once
	err      error
	dir      string
	examples string
	programs map[string]string // the path of each by its name
	cluster  *testenv.Cluster
	certs    *certificates
	gate     *gate
	stop     []func() error
}

func TestMain(m *testing.M) {
	log.SetLogger(logr.Discard())
	code := m.Run()
	for _, stop := range slices.Backward(suite.stop) {
		if err := stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping:", err)
			code = 1
		}
	}
	os.Exit(code) //nolint:forbidigo // a TestMain ends this way
}

// startSuite starts what tests share, for the first that asks.
func startSuite(t *testing.T) {
	t.Helper()
	suite.start.Do(func() {
		// It outlives the test that happened to come first.
		suite.err = installSuite(context.WithoutCancel(t.Context()))
	})
	if suite.err != nil {
		t.Fatalf("starting the contact center: %v", suite.err)
	}
}

func installSuite(ctx context.Context) (err error) {
	if suite.programs, err = findPrograms(); err != nil {
		return err
	}
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return err
	}
	suite.examples = filepath.Join(root, "config", "gate", "examples")
	if suite.dir, err = os.MkdirTemp("", "rollcall-interop-"); err != nil {
		return err
	}
	atEnd(func() error { return os.RemoveAll(suite.dir) })
	if suite.certs, err = newCertificates(suite.dir); err != nil {
		return err
	}
	if suite.cluster, err = testenv.Start(ctx, testenv.Options{Install: []string{"default", "gate"}}); err != nil {
		return err
	}
	atEnd(suite.cluster.Stop)
	if err := startRollcall(ctx, root); err != nil {
		return err
	}
	return openDesk(ctx)
}

// openDesk creates the contact center.
func openDesk(ctx context.Context) error {
	if _, err := suite.cluster.Kubectl(ctx, "", "create", "namespace", deskNamespace); err != nil {
		return err
	}
	center := testenv.ContactCenter(deskNamespace, nil)
	center.Spec.LoginURL = deskURL + "/login"
	return suite.cluster.Admin.Create(ctx, center)
}

// atEnd has something done when all tests are over; the last comes first.
func atEnd(do func() error) { suite.stop = append(suite.stop, do) }

// findPrograms finds the programs of the distribution.
func findPrograms() (map[string]string, error) {
	found := map[string]string{}
	var missing []error
	for _, name := range []string{"nginx", "caddy", "chromium"} {
		path, err := exec.LookPath(name)
		if err != nil {
			// Debian keeps nginx where only root looks.
			path, err = exec.LookPath("/usr/sbin/" + name)
		}
		if err != nil {
			missing = append(missing, fmt.Errorf("there is no %s: install the package %s, or run test/interop/install.sh as root", name, name))
		}
		found[name] = path
	}
	return found, errors.Join(missing...)
}
