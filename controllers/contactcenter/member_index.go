package contactcenter

import (
	"iter"
	"maps"
	"sync"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// memberIndex holds the Members of each namespace, as pointers to the objects of the
// cache. A list from the cache would copy each struct, even with
// client.UnsafeDisableDeepCopy: 8 MB for 10,000 Members, at each count.
type memberIndex struct {
	mu      sync.RWMutex
	members map[string]map[string]*v1alpha1.Member // by namespace and name
}

// newMemberIndex returns an empty index.
func newMemberIndex() *memberIndex {
	return &memberIndex{members: map[string]map[string]*v1alpha1.Member{}}
}

// add adds a Member, or replaces the one with the same name.
func (i *memberIndex) add(member *v1alpha1.Member) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.members[member.Namespace] == nil {
		i.members[member.Namespace] = map[string]*v1alpha1.Member{}
	}
	i.members[member.Namespace][member.Name] = member
}

// remove removes a Member.
func (i *memberIndex) remove(member *v1alpha1.Member) {
	i.mu.Lock()
	defer i.mu.Unlock()
	delete(i.members[member.Namespace], member.Name)
	if len(i.members[member.Namespace]) == 0 {
		delete(i.members, member.Namespace)
	}
}

// inNamespace iterates over the Members of a namespace. Callers must not change them, and
// must be quick: events wait for the lock.
func (i *memberIndex) inNamespace(namespace string) iter.Seq[*v1alpha1.Member] {
	return func(yield func(*v1alpha1.Member) bool) {
		i.mu.RLock()
		defer i.mu.RUnlock()
		maps.Values(i.members[namespace])(yield)
	}
}
