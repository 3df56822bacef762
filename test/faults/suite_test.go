//go:build faults

// Package faults tests a contact center while a part that it depends on fails: the
// operator, its leader, the API server, etcd, the mail server, the clock. A seeded
// generator creates, resets, forces offline and deletes members meanwhile, and a checker
// then compares the cluster with what was requested. `make test-faults` runs it;
// docs/reliability.md describes it.
package faults

import (
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
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

// installed installs the operator, as users do.
var installed = []string{"default"}

// shared is the cluster of all tests that do not need one of their own.
var shared = testenv.Shared{Options: testenv.Options{Install: installed}}

func TestMain(m *testing.M) {
	os.Exit(shared.Run(m)) //nolint:forbidigo // a TestMain ends this way
}

// ownCluster starts a cluster for one test.
func ownCluster(t *testing.T) *testenv.Cluster {
	t.Helper()
	c := testenv.StartForTest(t, testenv.Options{Plane: controlplane.Options{Dir: t.TempDir()}, Install: installed})
	t.Cleanup(func() {
		if t.Failed() {
			log, err := os.ReadFile(filepath.Join(c.Dir, "kube-controller-manager.log"))
			t.Logf("end of the controller manager's log (%v):\n%s", err, end(string(log)))
		}
	})
	return c
}
