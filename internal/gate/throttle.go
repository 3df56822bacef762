package gate

import (
	"container/list"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	// freeFailures is how many wrong passwords are allowed before the first lock.
	freeFailures = 5
	// firstLock is the lock after one more failure; each further failure doubles it.
	firstLock = time.Second
	// longestLock is the maximum.
	longestLock = 15 * time.Minute
	// failureMemory is how long after the last failure all failures are forgotten. It
	// is more than twice the longest lock.
	failureMemory = time.Hour
	// maxPairs limits how many pairs are remembered, and so the memory: about 15 MB.
	maxPairs = 100_000
	// throttleShards is how many pairs can be counted at a time.
	throttleShards = 64
)

// pair identifies a user and a client address. It is a hash with a secret seed, so
// that attackers cannot construct a collision with another pair.
type pair uint64

// throttle counts wrong passwords of pairs, and locks a pair for a growing time.
type throttle struct {
	seed   maphash.Seed
	shards [throttleShards]shard
}

// shard holds a part of the pairs. When it is full, it forgets the least recently seen
// pair, if possible one that was never locked. So an attacker cannot shed a lock by
// failing once for many other users.
type shard struct {
	mu       sync.Mutex
	capacity int
	pairs    map[pair]*list.Element
	// free and locked contain failures, most recently seen first: of pairs with at
	// most freeFailures, and of all others.
	free, locked list.List
}

// failures are the wrong passwords of a pair.
type failures struct {
	pair  pair
	count int
	last  time.Time
}

// newThrottle returns a throttle that remembers up to about capacity pairs.
func newThrottle(capacity int) *throttle {
	t := &throttle{seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].capacity = max(1, capacity/throttleShards)
		t.shards[i].pairs = map[pair]*list.Element{}
	}
	return t
}

// pair returns the pair of an e-mail address in a namespace, known or not, and a
// client address. IPv6 clients count by their /64, the range that a provider assigns
// to one customer (RFC 6177).
func (t *throttle) pair(namespace, email string, client netip.Addr) pair {
	client = client.Unmap().WithZone("")
	if client.Is6() {
		network, _ := client.Prefix(64) //nolint:errcheck // 64 fits every IPv6 address
		client = network.Addr()
	}
	return pair(maphash.Comparable(t.seed, struct {
		namespace, email string
		client           [16]byte
	}{namespace, email, client.As16()}))
}

// attempt calls isRight to check a password. It counts a failure; a right password
// clears earlier ones. While the pair is locked, it does not call isRight and returns
// the rest of the lock. It serializes the attempts of a pair, so that concurrent
// attempts get no more tries than consecutive ones.
func (t *throttle) attempt(p pair, now time.Time, isRight func() bool) time.Duration {
	s := &t.shards[uint64(p)%throttleShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.find(p, now)
	if wait := f.lock() - now.Sub(f.last); wait > 0 {
		s.remember(f)
		return wait
	}
	if isRight() {
		s.forget(p)
		return 0
	}
	// Beyond this count, the lock no longer grows.
	f.count, f.last = min(f.count+1, freeFailures+32), now
	s.remember(f)
	return 0
}

// lock returns how long the pair is locked after its last failure.
func (f failures) lock() time.Duration {
	excess := f.count - freeFailures
	if excess <= 0 {
		return 0
	}
	lock := firstLock
	for ; excess > 1 && lock < longestLock; excess-- {
		lock *= 2
	}
	return min(lock, longestLock)
}

// find returns the failures of a pair; none if they are not remembered.
func (s *shard) find(p pair, now time.Time) failures {
	element, ok := s.pairs[p]
	if !ok {
		return failures{pair: p}
	}
	f := failuresOf(element)
	switch since := now.Sub(f.last); {
	case since >= failureMemory:
		return failures{pair: p}
	case since < 0:
		// The clock was set back: the lock starts again. Otherwise it would last until
		// the clock catches up.
		f.last = now
	}
	return f
}

// remember sets the failures of a pair, which has just been seen. It makes room for a
// new pair.
func (s *shard) remember(f failures) {
	s.forget(f.pair)
	for len(s.pairs) >= s.capacity {
		from := &s.free
		if from.Len() == 0 {
			from = &s.locked
		}
		s.forget(failuresOf(from.Back()).pair)
	}
	to := &s.free
	if f.lock() > 0 {
		to = &s.locked
	}
	s.pairs[f.pair] = to.PushFront(f)
}

// forget removes the failures of a pair, if there are any.
func (s *shard) forget(p pair) {
	if element, ok := s.pairs[p]; ok {
		// Only the list that has the element removes it.
		s.free.Remove(element)
		s.locked.Remove(element)
		delete(s.pairs, p)
	}
}

func failuresOf(element *list.Element) failures {
	return element.Value.(failures) //nolint:errcheck,forcetypeassert // remember adds no other type
}
