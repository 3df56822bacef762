package directory

import (
	"iter"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/internal/gate"
)

// centerRecords holds the records of one namespace, which is one contact center.
type centerRecords struct {
	// contactCenters has one record at most, under the name theContactCenter.
	contactCenters recordMap[gate.Center]
	members        *memberIndex
	credentials    recordMap[credentialsRecord] // by the Member's name

	sites, teams    recordMap[string] // display names by object name
	desktopProfiles recordMap[*gate.DesktopProfile]
}

// theContactCenter is the name of a namespace's only ContactCenter in
// contactCenters.
const theContactCenter = ""

// recordSet holds the records of one resource in a namespace, by name.
type recordSet[V any] interface {
	// put adds a record or replaces the one with its name.
	put(name string, record V)
	remove(name string)
	names() iter.Seq[string]
}

// recordMap is a recordSet without further indexes.
type recordMap[V any] map[string]V

func (m recordMap[V]) put(name string, record V) { m[name] = record }

func (m recordMap[V]) remove(name string) { delete(m, name) }

func (m recordMap[V]) names() iter.Seq[string] { return maps.Keys(m) }

// center returns the records of a namespace, and creates them if necessary. The
// caller holds the lock.
func (d *Directory) center(namespace string) *centerRecords {
	center := d.centers[namespace]
	if center == nil {
		center = &centerRecords{
			contactCenters: recordMap[gate.Center]{}, members: newMemberIndex(d.now), credentials: recordMap[credentialsRecord]{},
			sites: recordMap[string]{}, teams: recordMap[string]{}, desktopProfiles: recordMap[*gate.DesktopProfile]{},
		}
		d.centers[namespace] = center
	}
	return center
}

// dropIfEmpty deletes the records of a namespace if there are none. The caller holds
// the lock.
func (d *Directory) dropIfEmpty(namespace string) {
	if center := d.centers[namespace]; center != nil && center.isEmpty() {
		delete(d.centers, namespace)
	}
}

// isEmpty reports whether there are no records.
func (c *centerRecords) isEmpty() bool {
	return len(c.contactCenters)+len(c.members.byName)+len(c.credentials)+len(c.sites)+len(c.teams)+len(c.desktopProfiles) == 0
}

// findByUID returns the record of the Member with a UID, and the records of its
// namespace; nil if there is none. The caller holds the lock.
func (d *Directory) findByUID(namespace, uid string) (*centerRecords, *memberRecord) {
	center := d.centers[namespace]
	if center == nil {
		return nil, nil
	}
	return center, center.members.byUID[types.UID(uid)]
}

// gateMember returns a member as the gate sees it at a time. A password counts when
// Secret and status name the same one: while one watch is behind the other, neither
// the old nor the new password does.
func (c *centerRecords) gateMember(record *memberRecord, now time.Time) gate.Member {
	member := record.member
	credentials := c.credentials[member.Name]
	if credentials.owner == types.UID(member.UID) && credentials.Username == member.Email && credentials.IssueID == record.issueID {
		member.Credentials = credentials.Credentials
	}
	member.Denial = string(record.denial(now))
	return member
}
