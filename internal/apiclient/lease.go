package apiclient

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

// NewLease makes the Lease that managers contend for, and a reader of it for the fence:
// what the first one has read last is what it writes by, so nobody else may have it read.
func NewLease(cluster *rest.Config, namespace string) (contend, read resourcelock.Interface, err error) {
	if namespace == "" {
		own, err := os.ReadFile(podNamespaceFile)
		if err != nil {
			return nil, nil, errors.New("leader election needs a namespace for its Lease: give --leader-election-namespace, or --leader-elect=false")
		}
		namespace = strings.TrimSpace(string(own))
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, fmt.Errorf("naming this process for leader election: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	for _, lease := range []*resourcelock.Interface{&contend, &read} {
		if *lease, err = resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, leaderElectionID, identity, cluster, renewDeadline); err != nil {
			return nil, nil, err
		}
	}
	return contend, read, nil
}

// errLeaseRunOut has letters wait.
var errLeaseRunOut = errors.New("the Lease of the leader has run out: letters wait until it is renewed")

// LeaseFence tells whether this process still is the leader. Leader election
// itself notices the loss only after it has tried to renew for renewDeadline,
// which is late for a process that slept: until then it would send letters that
// its successor sends too.
type LeaseFence struct {
	Lease resourcelock.Interface // its own reader; nil without leader election
	Now   func() time.Time

	mu    sync.Mutex
	since time.Time // when the Lease was last seen to be ours
}

// holds is whether the Lease is ours, by a look at it that is at most leaseCheck old. It
// is an error if nobody can tell.
func (f *LeaseFence) Holds(ctx context.Context) (bool, error) {
	if f.Lease == nil {
		return true, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Now()
	// While a virtual machine sleeps, its monotonic clock may stand still, and the other
	// clock may be put back: both have to say that the look is new.
	if clock := now.Round(0).Sub(f.since.Round(0)); now.Sub(f.since) < leaseCheck && clock >= 0 && clock < leaseCheck {
		return true, nil
	}
	record, _, err := f.Lease.Get(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the Lease of the leader: %w", err)
	}
	if record.HolderIdentity != f.Lease.Identity() {
		return false, nil
	}
	if expires := record.RenewTime.Add(time.Duration(record.LeaseDurationSeconds) * time.Second); !now.Before(expires) {
		// It may be a successor's in the next moment, or renewed by us.
		return false, errLeaseRunOut
	}
	f.since = now
	return true, nil
}
