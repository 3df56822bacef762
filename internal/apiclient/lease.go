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

const (
	// leaderElectionID is the name of the Lease that the leader holds.
	leaderElectionID = "rollcall.dev"
	// renewDeadline is how long a leader tries to renew its Lease. It is the default of
	// controller-runtime.
	renewDeadline = 10 * time.Second
	// leaseCheckPeriod is how long LeaseFence relies on the last read of the Lease.
	leaseCheckPeriod = 3 * time.Second
)

// podNamespaceFile contains the namespace of the pod that a process runs in.
const podNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"

// NewLease returns the Lease that managers compete for, and a separate reader of it for
// a LeaseFence. Leader election updates the Lease relative to its own last read, so no
// other code may read through the first one.
func NewLease(cluster *rest.Config, namespace string) (lock, reader resourcelock.Interface, err error) {
	if namespace == "" {
		own, err := os.ReadFile(podNamespaceFile)
		if err != nil {
			return nil, nil, errors.New("leader election needs a namespace for its Lease: set --leader-election-namespace, or --leader-elect=false")
		}
		namespace = strings.TrimSpace(string(own))
	}
	host, err := os.Hostname()
	if err != nil {
		return nil, nil, fmt.Errorf("reading the host name for leader election: %w", err)
	}
	identity := resourcelock.ResourceLockConfig{Identity: host + "_" + string(uuid.NewUUID())}
	for _, lease := range []*resourcelock.Interface{&lock, &reader} {
		if *lease, err = resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, namespace, leaderElectionID, identity, cluster, renewDeadline); err != nil {
			return nil, nil, err
		}
	}
	return &ownLease{Interface: lock}, reader, nil
}

// ownLease is a Lease that a process releases only if it holds it. Leader election decides by what
// it read last: a leader that was suspended until a successor took over would release the
// successor's Lease (k8s.io/client-go v0.37, LeaderElector.tryRelease).
type ownLease struct {
	resourcelock.Interface
	holder string // as of the last read or write
}

// errNotHeld reports an attempt to release the Lease of another process.
var errNotHeld = errors.New("the Lease is not released: another process holds it")

// Get implements resourcelock.Interface.
func (l *ownLease) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := l.Interface.Get(ctx)
	if err == nil {
		l.holder = record.HolderIdentity
	}
	return record, raw, err
}

// Update implements resourcelock.Interface. A record without a holder releases the Lease.
func (l *ownLease) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	if record.HolderIdentity == "" && l.holder != "" && l.holder != l.Identity() {
		return errNotHeld
	}
	err := l.Interface.Update(ctx, record)
	if err == nil {
		l.holder = record.HolderIdentity
	}
	return err
}

// errLeaseExpired delays e-mails.
var errLeaseExpired = errors.New("the leader's Lease has expired or was released: e-mails wait until it is renewed")

// LeaseFence reports whether this process is still the leader. Leader election itself
// notices a loss only after it has tried to renew for renewDeadline. A process that was
// suspended for a while would until then send e-mails that its successor sends too.
type LeaseFence struct {
	Lease resourcelock.Interface // the reader from NewLease; nil without leader election
	Now   func() time.Time

	mu       sync.Mutex
	lastHeld time.Time // when a read last showed that this process holds the Lease
}

// Holds reports whether this process holds the Lease, by a read that is at most
// leaseCheckPeriod old. It returns an error if it cannot tell.
func (f *LeaseFence) Holds(ctx context.Context) (bool, error) {
	if f.Lease == nil {
		return true, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.Now()
	// While a virtual machine sleeps, its monotonic clock may stand still, and its wall
	// clock may be set back: the read counts as recent only if both clocks say so.
	if wallClock := now.Round(0).Sub(f.lastHeld.Round(0)); now.Sub(f.lastHeld) < leaseCheckPeriod && wallClock >= 0 && wallClock < leaseCheckPeriod {
		return true, nil
	}
	record, _, err := f.Lease.Get(ctx)
	if err != nil {
		return false, fmt.Errorf("reading the leader's Lease: %w", err)
	}
	expires := record.RenewTime.Add(time.Duration(record.LeaseDurationSeconds) * time.Second)
	switch holder := record.HolderIdentity; {
	case holder != "" && holder != f.Lease.Identity():
		return false, nil
	case holder == "", !now.Before(expires):
		// Either a successor takes it, or this process renews it.
		return false, errLeaseExpired
	}
	f.lastHeld = now
	return true, nil
}
