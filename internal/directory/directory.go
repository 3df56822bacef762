// Package directory keeps what the login gate knows of the cluster: contact
// centers, members, password checksums, and session keys. Watches feed it, and it
// reports when they are too old to decide from.
package directory

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// loginBackoff is the wait between attempts to reach the API server about what
// logins depend on. It is short, since the gate learns of no denial meanwhile.
var loginBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 5 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

// whoamiBackoff is the wait between attempts to reach the API server about what only
// Whoami depends on. It grows longer, since in a cluster without these CRDs the
// attempts never end, and each logs a line.
var whoamiBackoff = wait.Backoff{Duration: 200 * time.Millisecond, Cap: 30 * time.Second, Steps: 10, Factor: 2, Jitter: 0.5}

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

	// mu protects the records of the tables, and index.
	mu      sync.RWMutex
	members table[*v1alpha1.Member, *memberRecord]
	index   memberIndex
	// credentials has the records by namespace and the Member's name.
	credentials table[*corev1.Secret, credentialsRecord]
	// contactCenters has one record at most for each namespace, without a name, and
	// sessionKeys one in all, without a key.
	contactCenters table[*v1alpha1.ContactCenter, gate.Center]
	sessionKeys    table[*corev1.Secret, []gate.Key]
	// sites and teams have the display names.
	sites           table[*v1alpha1.Site, string]
	teams           table[*v1alpha1.Team, string]
	desktopProfiles table[*v1alpha1.DesktopProfile, *gate.DesktopProfile]
}

// New returns an empty directory. The log has the problems of the session keys.
func New(now func() time.Time, log logr.Logger) *Directory {
	d := &Directory{
		now: now, feeds: map[string][]*feed{}, whoamiFeeds: map[string][]*feed{},
		members: newTable("members", loginBackoff, &v1alpha1.Member{}, withOwnKey(newMemberRecord)),
		index: memberIndex{
			now: now, byUID: map[types.NamespacedName]*memberRecord{}, byEmail: map[types.NamespacedName][]*memberRecord{},
		},
		credentials:    newTable("secrets", loginBackoff, &corev1.Secret{}, readCredentials),
		contactCenters: newTable("contactcenters", loginBackoff, &v1alpha1.ContactCenter{}, readCenter),
		sessionKeys: newTable("sessionkeys", loginBackoff, &corev1.Secret{}, func(secret *corev1.Secret) (types.NamespacedName, []gate.Key, bool) {
			return types.NamespacedName{}, readSessionKeys(secret, log), true
		}),
		sites: newTable("sites", whoamiBackoff, &v1alpha1.Site{}, withOwnKey(func(site *v1alpha1.Site) string { return site.Spec.DisplayName })),
		teams: newTable("teams", whoamiBackoff, &v1alpha1.Team{}, withOwnKey(func(team *v1alpha1.Team) string { return team.Spec.DisplayName })),

		desktopProfiles: newTable("desktopprofiles", whoamiBackoff, &v1alpha1.DesktopProfile{}, withOwnKey(newDesktopProfile)),
	}
	d.members.changed = d.index.changed
	d.credentials.labelSelector = v1alpha1.ManagedByLabel + "=" + v1alpha1.ManagedByValue + "," + v1alpha1.MemberLabel
	return d
}

// readSessionKeys returns the session keys in a Secret, and logs the entries that are
// not keys.
func readSessionKeys(secret *corev1.Secret, log logr.Logger) []gate.Key {
	keys := gate.SessionKeys(secret.Data)
	for name := range secret.Data {
		if !slices.ContainsFunc(keys, func(key gate.Key) bool { return key.ID == name }) {
			log.Info("An entry of the Secret with the session keys is not a key: its name must be a UTC time such as 20261122T184100Z, and its value 32 bytes", "entry", name)
		}
	}
	return keys
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
	return d.sessionKeys.records[types.NamespacedName{}]
}

// Center implements gate.Directory.
func (d *Directory) Center(namespace string) (gate.Center, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	center, ok := d.contactCenters.records[types.NamespacedName{Namespace: namespace}]
	return center, ok
}

// MemberByEmail implements gate.Directory. Of several Members with one address, it
// returns the one that holds it.
func (d *Directory) MemberByEmail(namespace, email string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.gateMember(d.index.holderOf(namespace, email))
}

// MemberByUID implements gate.Directory.
func (d *Directory) MemberByUID(namespace, uid string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.gateMember(d.index.byUID[types.NamespacedName{Namespace: namespace, Name: uid}])
}

// gateMember returns a member as the gate sees it now, and false if there is no record.
// A password counts when Secret and status name the same one: while one watch is behind
// the other, neither the old nor the new password does. The caller holds the lock.
func (d *Directory) gateMember(record *memberRecord) (gate.Member, bool) {
	if record == nil {
		return gate.Member{}, false
	}
	member := record.member
	credentials := d.credentials.records[types.NamespacedName{Namespace: record.namespace, Name: member.Name}]
	if credentials.owner == types.UID(member.UID) && credentials.Username == member.Email && credentials.IssueID == record.issueID {
		member.Credentials = credentials.Credentials
	}
	member.Denial = string(record.denial(d.now()))
	return member, true
}

// Whoami implements gate.Directory.
func (d *Directory) Whoami(namespace, uid string) (gate.Whoami, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	record := d.index.byUID[types.NamespacedName{Namespace: namespace, Name: uid}]
	if record == nil {
		return gate.Whoami{}, false
	}
	return d.whoami(record), true
}
