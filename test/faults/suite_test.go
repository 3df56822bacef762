//go:build faults

// Package faults tests what becomes of a contact centre while what it stands on
// fails: the operator, its leader, the API server, etcd, the mail server, the clock.
// Each test has a load of members being created, reset, forced offline and deleted,
// by a seeded generator, and ends with a checker that compares the world with what
// was asked for. `make test-faults` runs it; docs/reliability.md is about it.
package faults

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
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
)

const (
	// runManagerVariable has the test binary be the operator, so that it is a process
	// to kill, and has the race detector in it where the tests have.
	runManagerVariable = "ROLLCALL_FAULTS_RUN_MANAGER"
	// clockVariable names a file with a duration in it, which the operator's clock is
	// ahead of the machine's.
	clockVariable = "ROLLCALL_FAULTS_CLOCK"
	// systemNamespace is where config/default puts the operator.
	systemNamespace = "rollcall-system"
)

// seed is what the generators and the moments of faults come from. With the same
// seed every member is asked for the same in the same order; what falls together
// with what depends on the machine too.
var seed = flag.Uint64("seed", 20261123, "what the load and the moments of faults come from")

// rounds makes the tests longer than they are in CI.
var rounds = flag.Int("rounds", 1, "how many times as long the tests are as in CI")

// seedOf is the seed of one test.
func seedOf(t *testing.T) uint64 {
	t.Helper()
	hash := fnv.New64a()
	fmt.Fprintf(hash, "%s %d", t.Name(), *seed)
	t.Logf("to reproduce: make test-faults FAULTS_ARGS='-run=^%s$ -seed=%d -rounds=%d'", t.Name(), *seed, *rounds)
	return hash.Sum64()
}

// cluster is a control plane with Rollcall installed.
type cluster struct {
	plane *controlplane.ControlPlane
	// admin may do anything, exempt passes the guards of config/admission too.
	admin, exempt client.WithWatch
	// account is the operator's.
	account *rest.Config
}

// shared is the cluster of all tests that do not need one of their own.
var shared struct {
	start sync.Once
	err   error
	*cluster
}

func TestMain(m *testing.M) {
	if os.Getenv(runManagerVariable) != "" {
		runManager()
		return
	}
	log.SetLogger(logr.Discard())
	code := m.Run()
	if shared.cluster != nil {
		if err := shared.plane.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
			code = 1
		}
	}
	os.Exit(code) //nolint:forbidigo // a TestMain ends this way
}

// runManager is main.go's rollcall manager, with a clock that tests can put forward
// and back.
func runManager() {
	command := manager.Command("manager", shiftedClock(os.Getenv(clockVariable)))
	command.SetArgs(os.Args[1:])
	if err := command.ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // as main.go
	}
}

// shiftedClock is the machine's clock, ahead by the duration that a file has. What
// it tells has no monotonic reading, as after a change of the machine's clock.
func shiftedClock(file string) func() time.Time {
	if file == "" {
		return time.Now //nolint:forbidigo // as main.go
	}
	return func() time.Time {
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			panic(err)
		}
		ahead, err := time.ParseDuration(strings.TrimSpace(string(text)))
		if err != nil {
			panic(err)
		}
		return time.Now().Add(ahead).Round(0) //nolint:forbidigo // the machine's clock
	}
}

// sharedCluster starts the shared cluster for the first test that asks for it.
func sharedCluster(t *testing.T) *cluster {
	t.Helper()
	shared.start.Do(func() {
		// It outlives the test that happened to come first.
		shared.cluster, shared.err = newCluster(context.WithoutCancel(t.Context()), "")
	})
	if shared.err != nil {
		t.Fatalf("the control plane: %v", shared.err)
	}
	return shared.cluster
}

// ownCluster starts a cluster for one test.
func ownCluster(t *testing.T) *cluster {
	t.Helper()
	c, err := newCluster(t.Context(), t.TempDir())
	if err != nil {
		t.Fatalf("the control plane: %v", err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			log, err := os.ReadFile(filepath.Join(c.plane.Dir, "kube-controller-manager.log"))
			t.Logf("log of the controller manager, its end (%v):\n%s", err, end(string(log)))
		}
		if err := c.plane.Stop(); err != nil {
			t.Errorf("stopping the control plane: %v", err)
		}
	})
	return c
}

// newCluster starts a control plane in a folder, and installs Rollcall as users do.
func newCluster(ctx context.Context, dir string) (_ *cluster, err error) {
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return nil, err
	}
	config := filepath.Join(root, "config")
	c := &cluster{}
	c.plane, err = controlplane.Start(ctx, controlplane.Options{Dir: dir, CRDs: []string{filepath.Join(config, "crd", "bases")}})
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.plane.Stop())
		}
	}()
	if err := c.plane.ApplyKustomization(ctx, filepath.Join(config, "default")); err != nil {
		return nil, err
	}
	if c.account, err = c.plane.ServiceAccountConfig(ctx, systemNamespace, "rollcall-controller-manager"); err != nil {
		return nil, err
	}
	scheme, err := apiclient.NewScheme()
	if err != nil {
		return nil, err
	}
	if c.admin, err = client.NewWithWatch(c.plane.Config, client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	passing := rest.CopyConfig(c.plane.Config)
	passing.Impersonate = rest.ImpersonationConfig{UserName: "system:kube-controller-manager", Groups: []string{"system:masters"}}
	c.exempt, err = client.NewWithWatch(passing, client.Options{Scheme: scheme})
	return c, err
}
