package directory

import (
	"context"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/internal/gate"
)

// Directory is a gate.Directory that watches fill.
type Directory struct {
	now func() time.Time
	// feeds are the feeds that logins depend on, by the namespace that they watch. A
	// feed of all namespaces has the empty name. keysFeed watches the session keys.
	feeds    map[string][]*feed
	keysFeed *feed
	// whoamiFeeds are the feeds that only Whoami depends on, like feeds. In a cluster
	// without these CRDs they stay empty, and logins work.
	whoamiFeeds map[string][]*feed

	mu      sync.RWMutex
	centers map[string]*centerRecords // by namespace
	keys    []gate.Key
}

// New returns an empty directory.
func New(now func() time.Time) *Directory {
	return &Directory{
		now: now, feeds: map[string][]*feed{}, whoamiFeeds: map[string][]*feed{}, centers: map[string]*centerRecords{},
	}
}

// Run keeps the directory up to date until ctx ends.
func (d *Directory) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, feed := range d.allFeeds() {
		running.Go(func() { feed.run(ctx) })
	}
	running.Wait()
}

func (d *Directory) allFeeds() []*feed {
	all := []*feed{d.keysFeed}
	for _, feeds := range d.feeds {
		all = append(all, feeds...)
	}
	for _, feeds := range d.whoamiFeeds {
		all = append(all, feeds...)
	}
	return all
}

// Fresh implements gate.Directory. A namespace that the gate cannot read, or that
// no longer exists, does not affect the others.
func (d *Directory) Fresh(namespace string) error {
	if err := checkFresh(d.feeds, namespace); err != nil {
		return err
	}
	return d.keysFeed.fresh()
}

// Complete implements gate.Directory.
func (d *Directory) Complete(namespace string) error { return checkFresh(d.whoamiFeeds, namespace) }

// checkFresh returns nil while the feeds of a namespace are reliable, and otherwise
// the reason why they are not.
func checkFresh(feeds map[string][]*feed, namespace string) error {
	watching, ok := feeds[metav1.NamespaceAll]
	if !ok {
		watching = feeds[namespace]
	}
	for _, feed := range watching {
		if err := feed.fresh(); err != nil {
			return err
		}
	}
	return nil
}

// Keys returns the session keys, the oldest first.
func (d *Directory) Keys() []gate.Key {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.keys
}

// Center implements gate.Directory.
func (d *Directory) Center(namespace string) (gate.Center, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	records := d.centers[namespace]
	if records == nil {
		return gate.Center{}, false
	}
	center, ok := records.contactCenters[theContactCenter]
	return center, ok
}

// MemberByEmail implements gate.Directory. Of several Members with one address, it
// returns the one that holds it.
func (d *Directory) MemberByEmail(namespace, email string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	center := d.centers[namespace]
	if center == nil {
		return gate.Member{}, false
	}
	record, ok := center.members.holderOf(email)
	if !ok {
		return gate.Member{}, false
	}
	return center.gateMember(record, d.now()), true
}

// MemberByUID implements gate.Directory.
func (d *Directory) MemberByUID(namespace, uid string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	center, record := d.findByUID(namespace, uid)
	if record == nil {
		return gate.Member{}, false
	}
	return center.gateMember(record, d.now()), true
}

// Whoami implements gate.Directory.
func (d *Directory) Whoami(namespace, uid string) (gate.Whoami, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	center, record := d.findByUID(namespace, uid)
	if record == nil {
		return gate.Whoami{}, false
	}
	return center.whoami(namespace, record), true
}
