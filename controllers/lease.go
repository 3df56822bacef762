package controllers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// Leader election, with the times that controller-runtime has by default.
const (
	// leaderElectionID is the name of the Lease that the leader holds.
	leaderElectionID = "rollcall.dev"
	// renewDeadline is how long a leader tries to renew its Lease.
	renewDeadline = 10 * time.Second
	// leaseCheck is how long the Lease is believed once it was read.
	leaseCheck = 3 * time.Second
)

// podNamespaceFile has the namespace of the pod that a process runs in.
const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// newLease makes the Lease that managers contend for.
func newLease(cluster *rest.Config, namespace string) (resourcelock.Interface, error) {
	if namespace == "" {
		own, err := os.ReadFile(podNamespaceFile)
		if err != nil {
			return nil, errors.New("leader election needs a namespace for its Lease: give --leader-election-namespace, or --leader-elect=false")
		}
		namespace = strings.TrimSpace(string(own))
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("naming this process for leader election: %w", err)
	}
	return resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, leaderElectionID,
		resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}, cluster, renewDeadline)
}

// leaseFence tells whether this process still is the leader. Leader election
// itself notices the loss only after it has tried to renew for renewDeadline,
// which is late for a process that slept: until then it would send letters that
// its successor sends too.
type leaseFence struct {
	lease resourcelock.Interface // nil without leader election
	now   func() time.Time

	mu    sync.Mutex
	since time.Time // when the Lease was last seen to be ours
}

// holds is whether the Lease is ours, by a look at it that is at most leaseCheck old.
func (f *leaseFence) holds(ctx context.Context) (bool, error) {
	if f.lease == nil {
		return true, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Sub(f.since) < leaseCheck {
		return true, nil
	}
	record, _, err := f.lease.Get(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the Lease of the leader: %w", err)
	}
	if record.HolderIdentity != f.lease.Identity() {
		return false, nil
	}
	f.since = now
	return true, nil
}
