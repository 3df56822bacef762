package directory

import (
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// memberIndex finds Members for logins and sessions.
type memberIndex struct {
	now   func() time.Time
	byUID map[types.NamespacedName]*memberRecord // by namespace and UID
	// byEmail has all records with an address, by namespace and the address in lower
	// case.
	byEmail map[types.NamespacedName][]*memberRecord
}

// holderOf returns the Member that holds an e-mail address; nil if there is none.
func (i *memberIndex) holderOf(namespace, email string) *memberRecord {
	for _, record := range slices.Backward(i.byEmail[emailKey(namespace, email)]) {
		if record.holdsEmail {
			return record
		}
	}
	return nil
}

// changed replaces the former record of a Member, if there is one, with the current
// one, if there is one.
func (i *memberIndex) changed(former, current *memberRecord) {
	if current != nil {
		current.continueSessions(former, i.now())
	}
	if former != nil {
		delete(i.byUID, former.uidKey())
		key := emailKey(former.namespace, former.member.Email)
		i.byEmail[key] = slices.DeleteFunc(i.byEmail[key], func(record *memberRecord) bool { return record == former })
		if len(i.byEmail[key]) == 0 {
			delete(i.byEmail, key)
		}
	}
	if current != nil {
		i.byUID[current.uidKey()] = current
		key := emailKey(current.namespace, current.member.Email)
		i.byEmail[key] = append(i.byEmail[key], current)
	}
}

func emailKey(namespace, email string) types.NamespacedName {
	return types.NamespacedName{Namespace: namespace, Name: strings.ToLower(email)}
}
