package gate

import (
	"container/list"
	"hash/maphash"
	"net/netip"
	"sync"
	"time"
)

const (
	// freeFailures is how often a person may mistype before there is a lock.
	freeFailures = 5
	// firstLock is the lock after one failure more; each further one doubles it.
	firstLock = time.Second
	// longestLock is where that ends.
	longestLock = 15 * time.Minute
	// memoryOfFailures is how long after the last failure all are forgotten. It is
	// more than twice the longest lock.
	memoryOfFailures = time.Hour
	// maxPairs bounds how many pairs are remembered, so memory: about 15 MB.
	maxPairs = 100_000
	// throttleShards is how many pairs can be counted at a time.
	throttleShards = 64
)

// pair stands for a person and a client address, hashed with a seed that nobody
// knows, so that nobody can aim at another's.
type pair uint64

// throttle counts wrong passwords of pairs, and locks a pair for a time that grows.
type throttle struct {
	seed   maphash.Seed
	shards [throttleShards]shard
}

// shard has its part of the pairs. When it is full, it forgets the one not seen for
// longest of those that have not been locked, if there are any: so nobody sheds a
// lock by failing once at many others.
type shard struct {
	mu       sync.Mutex
	capacity int
	pairs    map[pair]*list.Element
	// open and locked have failures values, the last seen first: of pairs that still
	// have a free failure, and of all others.
	open, locked list.List
}

// seen is the list that failures belong to.
func (s *shard) seen(f *failures) *list.List {
	if f.lock() > 0 {
		return &s.locked
	}
	return &s.open
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

// pair returns what stands for an e-mail address in a namespace, known or not, and a
// client address. An IPv6 client counts as its /64, which one customer of a provider
// has to choose from (RFC 6177).
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

// attempt calls right, which says whether a password is, and counts the failure or
// clears those before. While the pair is locked it does not call it, and returns how
// long the lock is still to last. Attempts of one pair go one after another, so that
// many at a time get no more tries than one after another.
func (t *throttle) attempt(p pair, now time.Time, right func() bool) time.Duration {
	s := &t.shards[uint64(p)%throttleShards]
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.find(p, now)
	if f != nil {
		if wait := f.lock() - now.Sub(f.last); wait > 0 {
			return wait
		}
	}
	if right() {
		s.forget(p)
		return 0
	}
	if f == nil {
		f = s.remember(p)
	}
	s.fail(p, f, now)
	return 0
}

// fail counts a failure, and puts the pair where it then belongs.
func (s *shard) fail(p pair, f *failures, now time.Time) {
	before := s.seen(f)
	// Beyond this the lock grows no more.
	f.count = min(f.count+1, freeFailures+32)
	f.last = now
	if after := s.seen(f); after != before {
		before.Remove(s.pairs[p])
		s.pairs[p] = after.PushFront(f)
	}
}

// lock is how long after the last failure the pair is locked.
func (f *failures) lock() time.Duration {
	over := f.count - freeFailures
	if over <= 0 {
		return 0
	}
	lock := firstLock
	for ; over > 1 && lock < longestLock; over-- {
		lock *= 2
	}
	return min(lock, longestLock)
}

// find returns what is remembered of a pair at a time, or nil.
func (s *shard) find(p pair, now time.Time) *failures {
	element, ok := s.pairs[p]
	if !ok {
		return nil
	}
	f := element.Value.(*failures) //nolint:errcheck,forcetypeassert // remember puts in nothing else
	switch since := now.Sub(f.last); {
	case since >= memoryOfFailures:
		s.forget(p)
		return nil
	case since < 0:
		// The clock was put back: the lock begins again rather than lasting for as
		// long as the clock is behind.
		f.last = now
	}
	s.seen(f).MoveToFront(element)
	return f
}

// remember makes room for a pair, and returns it without failures.
func (s *shard) remember(p pair) *failures {
	for len(s.pairs) >= s.capacity {
		from := &s.open
		if from.Len() == 0 {
			from = &s.locked
		}
		oldest := from.Remove(from.Back()).(*failures) //nolint:errcheck,forcetypeassert // as in find
		delete(s.pairs, oldest.pair)
	}
	f := &failures{pair: p}
	s.pairs[p] = s.open.PushFront(f)
	return f
}

// forget clears the failures of a pair, if there are any.
func (s *shard) forget(p pair) {
	if element, ok := s.pairs[p]; ok {
		s.seen(element.Value.(*failures)).Remove(element) //nolint:errcheck,forcetypeassert // as in find
		delete(s.pairs, p)
	}
}
