package claims

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Kind is what a unique value is.
type Kind string

// The values that only one Member of a namespace may hold.
const (
	Email     Kind = "email"
	AgentID   Kind = "agentID"
	Extension Kind = "extension"
)

// Claim names a value that only one Member of a namespace may hold.
type Claim struct {
	Namespace string
	Kind      Kind
	Value     string
}

// bucketCount is how many buckets indexes.IndexClaim has: so few that they take little
// memory, and so many that of 50,000 Members each has a score.
const bucketCount = 8192

// bucket is where indexes.IndexClaim has the Members that ask for the value, among others.
func (c Claim) Bucket() string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(string(c.Kind) + "/" + c.Value))
	return strconv.FormatUint(uint64(hash.Sum32()%bucketCount), 10)
}

// Buckets are the buckets that a Member is in.
func Buckets(member *v1alpha1.Member) []string {
	claims := Of(member)
	buckets := make([]string, 0, len(claims))
	for _, asked := range claims {
		buckets = append(buckets, asked.Bucket())
	}
	return buckets
}

// Registry decides which Member holds a value that is unique in its
// namespace. What was decided is in the Members' status; the registry covers the
// time until the cache shows it, and takes decisions one at a time, so that two
// Members looked at together never both get a value.
type Registry struct {
	// askers lists the Members that ask for a value. The registry does not change them.
	askers func(ctx context.Context, wanted Claim) ([]*v1alpha1.Member, error)

	mu      sync.Mutex
	holders map[Claim]types.UID
}

// New returns a registry over the Members that askers lists.
func New(askers func(context.Context, Claim) ([]*v1alpha1.Member, error)) *Registry {
	return &Registry{askers: askers, holders: map[Claim]types.UID{}}
}

// take gives a Member the values that it asks for and nobody else holds. It
// returns those that it holds, and the names of the Members that hold the others.
func (r *Registry) Take(ctx context.Context, member *v1alpha1.Member) (held, rivals v1alpha1.Claims, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, wanted := range Of(member) {
		holder, err := r.decide(ctx, member, wanted)
		if err != nil {
			return held, rivals, err
		}
		switch {
		case holder == nil:
		case holder.UID == member.UID:
			*field(&held, wanted.Kind) = wanted.Value
		default:
			*field(&rivals, wanted.Kind) = holder.Name
		}
	}
	return held, rivals, nil
}

// memberplan.IsDuplicate is whether another Member holds the e-mail address of a Member. If nobody
// does yet, it decides as take would.
func (r *Registry) IsDuplicate(ctx context.Context, member *v1alpha1.Member) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	holder, err := r.decide(ctx, member, Claim{Namespace: member.Namespace, Kind: Email, Value: uniqueEmail(member)})
	return holder != nil && holder.UID != member.UID, err
}

// review looks again at who holds the values that a Member asks for, after an event
// that may have changed it, and returns the other Members that ask for them. It is
// what finds out that two statuses have the same value.
func (r *Registry) Review(ctx context.Context, member *v1alpha1.Member) ([]*v1alpha1.Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rivals []*v1alpha1.Member
	for _, wanted := range Of(member) {
		asking, err := r.askers(ctx, wanted)
		if err != nil {
			return nil, err
		}
		r.choose(wanted, asking)
		for _, rival := range asking {
			if rival.UID != member.UID {
				rivals = append(rivals, rival)
			}
		}
	}
	return rivals, nil
}

// field is where a value of a kind is in Claims.
func field(claims *v1alpha1.Claims, kind Kind) *string {
	switch kind {
	case AgentID:
		return &claims.AgentID
	case Extension:
		return &claims.Extension
	case Email:
	}
	return &claims.Email
}

// decide is who holds a value that a Member asks for; nil if nobody does, which is so
// while the cache does not have the Member. Whose status has the value keeps it as
// long as it was not given to somebody else, so that nobody has to be compared. The
// caller holds the lock.
func (r *Registry) decide(ctx context.Context, member *v1alpha1.Member, wanted Claim) (*v1alpha1.Member, error) {
	holder, decided := r.holders[wanted]
	if claimedInStatus(member, wanted) && (!decided || holder == member.UID) {
		return member, nil
	}
	asking, err := r.askers(ctx, wanted)
	if err != nil {
		return nil, err
	}
	return r.choose(wanted, asking), nil
}

// choose decides which of the Members that ask for a value holds it; nil if there are
// none. The caller holds the lock.
func (r *Registry) choose(wanted Claim, rivals []*v1alpha1.Member) *v1alpha1.Member {
	var best *v1alpha1.Member
	for _, rival := range rivals {
		if best == nil || r.precedes(wanted, rival, best) {
			best = rival
		}
	}
	if best == nil {
		delete(r.holders, wanted)
		return nil
	}
	if len(rivals) == 1 && claimedInStatus(best, wanted) {
		// The status says so, and nobody disputes it.
		delete(r.holders, wanted)
		return best
	}
	r.holders[wanted] = best.UID
	return best
}

// precedes is whether of two Members that ask for a value the first one gets it:
// the Super Admin's e-mail address always wins; then whoever holds the value,
// by decision or by status; then who is not being deleted; then the older one;
// then the lower UID.
func (r *Registry) precedes(wanted Claim, a, b *v1alpha1.Member) bool {
	superAdmin := func(m *v1alpha1.Member) bool {
		return wanted.Kind == Email && m.Spec.Role == v1alpha1.RoleSuperAdmin
	}
	for _, precedence := range []func(*v1alpha1.Member) bool{
		superAdmin,
		func(m *v1alpha1.Member) bool { return r.holders[wanted] == m.UID },
		func(m *v1alpha1.Member) bool { return claimedInStatus(m, wanted) },
		func(m *v1alpha1.Member) bool { return m.DeletionTimestamp == nil },
	} {
		if precedence(a) != precedence(b) {
			return precedence(a)
		}
	}
	return IsOlder(a, b)
}

// release forgets what a Member held that is gone.
func (r *Registry) Release(member *v1alpha1.Member) {
	r.ReleaseGivenUp(member, &v1alpha1.Member{})
}

// releaseGivenUp forgets what a Member held and no longer asks for.
func (r *Registry) ReleaseGivenUp(before, after *v1alpha1.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := Of(after)
	for _, held := range Of(before) {
		if r.holders[held] == before.UID && !slices.Contains(asked, held) {
			delete(r.holders, held)
		}
	}
}

// Of are the unique values that a Member asks for.
func Of(member *v1alpha1.Member) []Claim {
	claims := make([]Claim, 0, 3)
	for _, kind := range []Kind{Email, AgentID, Extension} {
		if value := ValueOf(member, kind); value != "" {
			claims = append(claims, Claim{Namespace: member.Namespace, Kind: kind, Value: value})
		}
	}
	return claims
}

// ValueOf is the value of a kind that a Member asks for; empty for none.
func ValueOf(member *v1alpha1.Member, kind Kind) string {
	switch kind {
	case AgentID:
		return member.Spec.AgentID
	case Extension:
		return member.Spec.Extension
	case Email:
	}
	return uniqueEmail(member)
}

// claimedInStatus is whether a Member's status says that it holds a value.
func claimedInStatus(member *v1alpha1.Member, wanted Claim) bool {
	return member.Status.Claims != nil && *field(member.Status.Claims, wanted.Kind) == wanted.Value
}
