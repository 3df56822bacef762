package directory

import (
	"context"
	"strings"
	"sync"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/internal/gate"
)

// Directory is a gate.Directory of what watches have told.
type Directory struct {
	now func() time.Time
	// feeds fill the directory, by the namespace that they are about; those of all
	// namespaces are under the empty name. keysFeed is about the session keys.
	feeds    map[string][]*feed
	keysFeed *feed
	// placeFeeds are as feeds, with what only Whoami tells. Nobody's login depends on
	// them: in a cluster without these kinds they stay empty, and the rest works.
	placeFeeds map[string][]*feed

	mu      sync.RWMutex
	centers map[string]*centerRecords // by namespace
	keys    []gate.Key
}

// centerRecords is one contact centre.
type centerRecords struct {
	center      *gate.Center
	members     map[string]*memberRecord     // by name
	credentials map[string]credentialsRecord // by the Member's name
	byUID       map[types.UID]*memberRecord
	byEmail     map[string]*memberRecord // by the address in lower case; others with it are twins

	sites, teams    map[string]string // the names that people see, by those of the objects
	desktopProfiles map[string]*gate.DesktopProfile
}

// New makes an empty directory.
func New(now func() time.Time) *Directory {
	return &Directory{
		now: now, feeds: map[string][]*feed{}, placeFeeds: map[string][]*feed{}, centers: map[string]*centerRecords{},
	}
}

// Fresh implements gate.Directory. A namespace that the gate may not read, or that
// is gone, closes no other.
func (d *Directory) Fresh(namespace string) error {
	if err := freshOf(d.feeds, namespace); err != nil {
		return err
	}
	return d.keysFeed.fresh()
}

// Complete implements gate.Directory.
func (d *Directory) Complete(namespace string) error { return freshOf(d.placeFeeds, namespace) }

// freshOf is nil while what was fed about a namespace can be relied on, and
// otherwise why it cannot.
func freshOf(feeds map[string][]*feed, namespace string) error {
	about, ok := feeds[metav1.NamespaceAll]
	if !ok {
		about = feeds[namespace]
	}
	for _, feed := range about {
		if err := feed.fresh(); err != nil {
			return err
		}
	}
	return nil
}

// Run keeps the directory up to date until ctx ends.
func (d *Directory) Run(ctx context.Context) {
	var running sync.WaitGroup
	for _, feed := range d.all() {
		running.Go(func() { feed.run(ctx) })
	}
	running.Wait()
}

// all returns all feeds.
func (d *Directory) all() []*feed {
	feeds := []*feed{d.keysFeed}
	for _, of := range d.feeds {
		feeds = append(feeds, of...)
	}
	for _, of := range d.placeFeeds {
		feeds = append(feeds, of...)
	}
	return feeds
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
	if book := d.centers[namespace]; book != nil && book.center != nil {
		return *book.center, true
	}
	return gate.Center{}, false
}

// MemberByEmail implements gate.Directory. Of several Members with one address,
// it is the one that holds it.
func (d *Directory) MemberByEmail(namespace, email string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	book := d.centers[namespace]
	if book == nil {
		return gate.Member{}, false
	}
	for candidate := book.byEmail[strings.ToLower(email)]; candidate != nil; candidate = candidate.twin {
		if candidate.holdsEmail {
			return book.describe(candidate, d.now()), true
		}
	}
	return gate.Member{}, false
}

// MemberByUID implements gate.Directory.
func (d *Directory) MemberByUID(namespace, uid string) (gate.Member, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	book := d.centers[namespace]
	if book == nil {
		return gate.Member{}, false
	}
	member, ok := book.byUID[types.UID(uid)]
	if !ok {
		return gate.Member{}, false
	}
	return book.describe(member, d.now()), true
}

// describe is what the gate is told of a member at a time. A password counts when
// Secret and status name the same one: while one watch is behind the other, neither
// the old nor the new one does.
func (b *centerRecords) describe(known *memberRecord, now time.Time) gate.Member {
	member := known.member
	credentials := b.credentials[member.Name]
	if credentials.owner == types.UID(member.UID) && credentials.Username == member.Email && credentials.IssueID == known.issueID {
		member.Credentials = credentials.Credentials
	}
	member.Denial = string(known.denies(now))
	return member
}

// book returns the book of a namespace, made if need be. The caller holds the
// lock.
func (d *Directory) center(namespace string) *centerRecords {
	book := d.centers[namespace]
	if book == nil {
		book = &centerRecords{
			members: map[string]*memberRecord{}, credentials: map[string]credentialsRecord{},
			byUID: map[types.UID]*memberRecord{}, byEmail: map[string]*memberRecord{},
			sites: map[string]string{}, teams: map[string]string{}, desktopProfiles: map[string]*gate.DesktopProfile{},
		}
		d.centers[namespace] = book
	}
	return book
}

// tidy forgets a book with nothing in it. The caller holds the lock.
func (d *Directory) tidy(namespace string) {
	if book := d.centers[namespace]; book != nil && book.isEmpty() {
		delete(d.centers, namespace)
	}
}

// isEmpty is whether there is nothing in the book.
func (b *centerRecords) isEmpty() bool {
	return b.center == nil && len(b.members)+len(b.credentials)+len(b.sites)+len(b.teams)+len(b.desktopProfiles) == 0
}

// setMember puts a member in, in the place of the one with its name.
func (b *centerRecords) setMember(known *memberRecord, now time.Time) {
	known.follows(b.members[known.member.Name], now)
	b.removeMember(known.member.Name)
	b.members[known.member.Name] = known
	b.byUID[types.UID(known.member.UID)] = known
	known.twin = b.byEmail[known.login]
	b.byEmail[known.login] = known
}

// removeMember takes a member out.
func (b *centerRecords) removeMember(name string) {
	known := b.members[name]
	if known == nil {
		return
	}
	delete(b.members, name)
	delete(b.byUID, types.UID(known.member.UID))
	first := b.byEmail[known.login]
	switch {
	case first != known:
		for first.twin != known {
			first = first.twin
		}
		first.twin = known.twin
	case known.twin != nil:
		b.byEmail[known.login] = known.twin
	default:
		delete(b.byEmail, known.login)
	}
}
