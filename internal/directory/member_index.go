package directory

import (
	"iter"
	"maps"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// memberIndex is a recordSet of Members with indexes for logins and sessions.
type memberIndex struct {
	now    func() time.Time
	byName map[string]*memberRecord
	byUID  map[types.UID]*memberRecord
	// byEmail has the first of a list of all records with an address in lower case.
	byEmail map[string]*memberRecord
}

func newMemberIndex(now func() time.Time) *memberIndex {
	return &memberIndex{
		now: now, byName: map[string]*memberRecord{}, byUID: map[types.UID]*memberRecord{}, byEmail: map[string]*memberRecord{},
	}
}

// holderOf returns the Member that holds an e-mail address, and false if there is
// none.
func (i *memberIndex) holderOf(email string) (*memberRecord, bool) {
	for record := i.byEmail[strings.ToLower(email)]; record != nil; record = record.nextWithEmail {
		if record.holdsEmail {
			return record, true
		}
	}
	return nil, false
}

func (i *memberIndex) put(name string, record *memberRecord) {
	record.continueSessions(i.byName[name], i.now())
	i.remove(name)
	i.byName[record.member.Name] = record
	i.byUID[types.UID(record.member.UID)] = record
	record.nextWithEmail = i.byEmail[record.emailKey]
	i.byEmail[record.emailKey] = record
}

func (i *memberIndex) remove(name string) {
	record := i.byName[name]
	if record == nil {
		return
	}
	delete(i.byName, name)
	delete(i.byUID, types.UID(record.member.UID))
	first := i.byEmail[record.emailKey]
	switch {
	case first != record:
		for first.nextWithEmail != record {
			first = first.nextWithEmail
		}
		first.nextWithEmail = record.nextWithEmail
	case record.nextWithEmail != nil:
		i.byEmail[record.emailKey] = record.nextWithEmail
	default:
		delete(i.byEmail, record.emailKey)
	}
}

func (i *memberIndex) names() iter.Seq[string] { return maps.Keys(i.byName) }
