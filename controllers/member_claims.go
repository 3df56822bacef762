package controllers

import (
	"context"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// claimKind is what a unique value is.
type claimKind string

// The values that only one Member of a namespace may hold.
const (
	claimEmail     claimKind = "email"
	claimAgentID   claimKind = "agentID"
	claimExtension claimKind = "extension"
)

// claim names a value that only one Member of a namespace may hold.
type claim struct {
	namespace string
	kind      claimKind
	value     string
}

// claimBucketCount is how many buckets indexClaim has: so few that they take little
// memory, and so many that of 50,000 Members each has a score.
const claimBucketCount = 8192

// bucket is where indexClaim has the Members that ask for the value, among others.
func (c claim) bucket() string {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(string(c.kind) + "/" + c.value))
	return strconv.FormatUint(uint64(hash.Sum32()%claimBucketCount), 10)
}

// claimBuckets are the buckets that a Member is in.
func claimBuckets(member *v1alpha1.Member) []string {
	claims := claimsOf(member)
	buckets := make([]string, 0, len(claims))
	for _, asked := range claims {
		buckets = append(buckets, asked.bucket())
	}
	return buckets
}

// askers are the Members that ask for a value. Not to be changed.
func askers(ctx context.Context, members client.Reader, wanted claim) ([]*v1alpha1.Member, error) {
	var list v1alpha1.MemberList
	if err := members.List(ctx, &list, client.InNamespace(wanted.namespace),
		client.MatchingFields{indexClaim: wanted.bucket()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var asking []*v1alpha1.Member
	for i := range list.Items {
		if member := &list.Items[i]; valueOf(member, wanted.kind) == wanted.value {
			asking = append(asking, member)
		}
	}
	return asking, nil
}

// claimRegistry decides which Member holds a value that is unique in its
// namespace. What was decided is in the Members' status; the registry covers the
// time until the cache shows it, and takes decisions one at a time, so that two
// Members looked at together never both get a value.
type claimRegistry struct {
	// askers lists the Members that ask for a value. The registry does not change them.
	askers func(ctx context.Context, wanted claim) ([]*v1alpha1.Member, error)

	mu      sync.Mutex
	holders map[claim]types.UID
}

// newClaimRegistry returns a registry over the Members that askers lists.
func newClaimRegistry(askers func(context.Context, claim) ([]*v1alpha1.Member, error)) *claimRegistry {
	return &claimRegistry{askers: askers, holders: map[claim]types.UID{}}
}

// claimAskers lists the Members of a cache that ask for a value.
func claimAskers(members client.Reader) func(context.Context, claim) ([]*v1alpha1.Member, error) {
	return func(ctx context.Context, wanted claim) ([]*v1alpha1.Member, error) {
		return askers(ctx, members, wanted)
	}
}

// take gives a Member the values that it asks for and nobody else holds. It
// returns those that it holds, and the names of the Members that hold the others.
func (r *claimRegistry) take(ctx context.Context, member *v1alpha1.Member) (held, rivals v1alpha1.Claims, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, wanted := range claimsOf(member) {
		holder, err := r.decide(ctx, member, wanted)
		if err != nil {
			return held, rivals, err
		}
		switch {
		case holder == nil:
		case holder.UID == member.UID:
			*field(&held, wanted.kind) = wanted.value
		default:
			*field(&rivals, wanted.kind) = holder.Name
		}
	}
	return held, rivals, nil
}

// isDuplicate is whether another Member holds the e-mail address of a Member. If nobody
// does yet, it decides as take would.
func (r *claimRegistry) isDuplicate(ctx context.Context, member *v1alpha1.Member) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	holder, err := r.decide(ctx, member, claim{namespace: member.Namespace, kind: claimEmail, value: uniqueEmail(member)})
	return holder != nil && holder.UID != member.UID, err
}

// review looks again at who holds the values that a Member asks for, after an event
// that may have changed it, and returns the other Members that ask for them. It is
// what finds out that two statuses have the same value.
func (r *claimRegistry) review(ctx context.Context, member *v1alpha1.Member) ([]*v1alpha1.Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rivals []*v1alpha1.Member
	for _, wanted := range claimsOf(member) {
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
func field(claims *v1alpha1.Claims, kind claimKind) *string {
	switch kind {
	case claimAgentID:
		return &claims.AgentID
	case claimExtension:
		return &claims.Extension
	case claimEmail:
	}
	return &claims.Email
}

// decide is who holds a value that a Member asks for; nil if nobody does, which is so
// while the cache does not have the Member. Whose status has the value keeps it as
// long as it was not given to somebody else, so that nobody has to be compared. The
// caller holds the lock.
func (r *claimRegistry) decide(ctx context.Context, member *v1alpha1.Member, wanted claim) (*v1alpha1.Member, error) {
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
func (r *claimRegistry) choose(wanted claim, rivals []*v1alpha1.Member) *v1alpha1.Member {
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
func (r *claimRegistry) precedes(wanted claim, a, b *v1alpha1.Member) bool {
	superAdmin := func(m *v1alpha1.Member) bool {
		return wanted.kind == claimEmail && m.Spec.Role == v1alpha1.RoleSuperAdmin
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
	return isOlder(a, b)
}

// release forgets what a Member held that is gone.
func (r *claimRegistry) release(member *v1alpha1.Member) {
	r.releaseGivenUp(member, &v1alpha1.Member{})
}

// releaseGivenUp forgets what a Member held and no longer asks for.
func (r *claimRegistry) releaseGivenUp(before, after *v1alpha1.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	asked := claimsOf(after)
	for _, held := range claimsOf(before) {
		if r.holders[held] == before.UID && !slices.Contains(asked, held) {
			delete(r.holders, held)
		}
	}
}

// claimsOf are the unique values that a Member asks for.
func claimsOf(member *v1alpha1.Member) []claim {
	claims := make([]claim, 0, 3)
	for _, kind := range []claimKind{claimEmail, claimAgentID, claimExtension} {
		if value := valueOf(member, kind); value != "" {
			claims = append(claims, claim{namespace: member.Namespace, kind: kind, value: value})
		}
	}
	return claims
}

// valueOf is the value of a kind that a Member asks for; empty for none.
func valueOf(member *v1alpha1.Member, kind claimKind) string {
	switch kind {
	case claimAgentID:
		return member.Spec.AgentID
	case claimExtension:
		return member.Spec.Extension
	case claimEmail:
	}
	return uniqueEmail(member)
}

// claimedInStatus is whether a Member's status says that it holds a value.
func claimedInStatus(member *v1alpha1.Member, wanted claim) bool {
	return member.Status.Claims != nil && *field(member.Status.Claims, wanted.kind) == wanted.value
}
