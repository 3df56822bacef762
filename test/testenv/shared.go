package testenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"rollcall.dev/rollcall/cmd/manager"
)

const (
	// runOperatorVariable makes the test binary run the operator instead of the tests.
	runOperatorVariable = "ROLLCALL_TEST_RUN_OPERATOR"
	// ClockVariable names a file with a duration, by which the clock of an operator
	// process is ahead of the machine's.
	ClockVariable = "ROLLCALL_TEST_CLOCK"
)

// Shared is the cluster that the tests of a package share.
type Shared struct {
	Options

	start   sync.Once
	err     error
	cluster *Cluster
}

// Run runs the tests of a package for its TestMain, and returns the exit code. The
// test binary is the operator where NewOperatorProcess started it.
func (s *Shared) Run(m *testing.M) int {
	if os.Getenv(runOperatorVariable) != "" {
		return runOperator()
	}
	log.SetLogger(logr.Discard())
	code := m.Run()
	if s.cluster != nil {
		if err := s.cluster.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "stopping the control plane:", err)
			code = 1
		}
	}
	return code
}

// Cluster returns the shared cluster. The first test that asks starts it.
func (s *Shared) Cluster(t *testing.T) *Cluster {
	t.Helper()
	s.start.Do(func() {
		// The cluster outlives the test that starts it.
		s.cluster, s.err = Start(context.WithoutCancel(t.Context()), s.Options)
	})
	if s.err != nil {
		t.Fatalf("starting the control plane: %v", s.err)
	}
	return s.cluster
}

// StartForTest starts a cluster for one test.
func StartForTest(t *testing.T, options Options) *Cluster {
	t.Helper()
	c, err := Start(t.Context(), options)
	if err != nil {
		t.Fatalf("starting the control plane: %v", err)
	}
	t.Cleanup(func() {
		if err := c.Stop(); err != nil {
			t.Errorf("stopping the control plane: %v", err)
		}
	})
	return c
}

// runOperator runs `rollcall manager` and returns the exit code.
func runOperator() int {
	command := manager.Command("manager", shiftedClock(os.Getenv(ClockVariable)))
	command.SetArgs(os.Args[1:])
	if err := command.ExecuteContext(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// shiftedClock returns the machine's clock, ahead by the duration in a file. Its times
// have no monotonic reading, as after a change of the machine's clock.
func shiftedClock(file string) func() time.Time {
	if file == "" {
		return time.Now //nolint:forbidigo // as main.go
	}
	return func() time.Time {
		text, err := os.ReadFile(filepath.Clean(file)) //nolint:gosec // the test that starts this process names the file
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
