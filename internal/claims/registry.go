package claims

import (
	"context"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Registry decides which Member holds a unique value. The Members' status records the
// decisions. The registry covers the time until the cache shows a status, and decides
// under one lock, so that two Members never both receive a value.
type Registry struct {
	// list returns the Members that request a value. The registry does not change them.
	list func(ctx context.Context, claim Claim) ([]*v1alpha1.Member, error)

	mu      sync.Mutex
	holders map[Claim]types.UID
}

// New returns a registry that decides between the Members that list returns.
func New(list func(context.Context, Claim) ([]*v1alpha1.Member, error)) *Registry {
	return &Registry{list: list, holders: map[Claim]types.UID{}}
}

// Take gives a Member those of its requested values that no other Member holds. It
// returns the values that the Member holds, and the names of the Members that hold the
// others.
func (r *Registry) Take(ctx context.Context, member *v1alpha1.Member) (held, rivals v1alpha1.Claims, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, claim := range Of(member) {
		holder, err := r.decide(ctx, member, claim)
		if err != nil {
			return held, rivals, err
		}
		switch {
		case holder == nil:
		case holder.UID == member.UID:
			*field(&held, claim.Kind) = claim.Value
		default:
			*field(&rivals, claim.Kind) = holder.Name
		}
	}
	return held, rivals, nil
}

// IsDuplicate reports whether another Member holds the e-mail address of a Member. If
// no Member holds it yet, IsDuplicate decides as Take does.
func (r *Registry) IsDuplicate(ctx context.Context, member *v1alpha1.Member) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	holder, err := r.decide(ctx, member, Claim{Namespace: member.Namespace, Kind: Email, Value: ValueOf(member, Email)})
	return holder != nil && holder.UID != member.UID, err
}

// Review decides again which Members hold the values that a Member requests, after an
// event that may change the holder. It returns the other Members that request them.
// Review detects two statuses that show the same value.
func (r *Registry) Review(ctx context.Context, member *v1alpha1.Member) ([]*v1alpha1.Member, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var rivals []*v1alpha1.Member
	for _, claim := range Of(member) {
		candidates, err := r.list(ctx, claim)
		if err != nil {
			return nil, err
		}
		r.choose(claim, candidates)
		for _, candidate := range candidates {
			if candidate.UID != member.UID {
				rivals = append(rivals, candidate)
			}
		}
	}
	return rivals, nil
}

// decide returns the holder of a value that a Member requests; nil if there is none,
// which happens while the cache lacks the Member. A Member keeps a value that its
// status shows, unless the value was reassigned; that case needs no comparison of
// Members. The caller holds the lock.
func (r *Registry) decide(ctx context.Context, member *v1alpha1.Member, claim Claim) (*v1alpha1.Member, error) {
	holder, decided := r.holders[claim]
	if isShown(member, claim) && (!decided || holder == member.UID) {
		return member, nil
	}
	candidates, err := r.list(ctx, claim)
	if err != nil {
		return nil, err
	}
	return r.choose(claim, candidates), nil
}

// choose decides which of the candidates holds a value; nil without candidates. The
// caller holds the lock.
func (r *Registry) choose(claim Claim, candidates []*v1alpha1.Member) *v1alpha1.Member {
	var best *v1alpha1.Member
	for _, candidate := range candidates {
		if best == nil || r.precedes(claim, candidate, best) {
			best = candidate
		}
	}
	if best == nil {
		delete(r.holders, claim)
		return nil
	}
	if len(candidates) == 1 && isShown(best, claim) {
		// The status records the decision, and no other Member requests the value.
		delete(r.holders, claim)
		return best
	}
	r.holders[claim] = best.UID
	return best
}

// precedes reports whether a receives a value rather than b. The Super Admin's e-mail
// address always wins; then the holder by decision; then the holder by status; then a
// Member that is not being deleted; then the older Member.
func (r *Registry) precedes(claim Claim, a, b *v1alpha1.Member) bool {
	for _, hasPrecedence := range []func(*v1alpha1.Member) bool{
		func(m *v1alpha1.Member) bool {
			return claim.Kind == Email && m.Spec.Role == v1alpha1.RoleSuperAdmin
		},
		func(m *v1alpha1.Member) bool { return r.holders[claim] == m.UID },
		func(m *v1alpha1.Member) bool { return isShown(m, claim) },
		func(m *v1alpha1.Member) bool { return m.DeletionTimestamp == nil },
	} {
		if hasPrecedence(a) != hasPrecedence(b) {
			return hasPrecedence(a)
		}
	}
	return IsOlder(a, b)
}

// Release releases the values of a deleted Member.
func (r *Registry) Release(member *v1alpha1.Member) {
	r.ReleaseGivenUp(member, &v1alpha1.Member{})
}

// ReleaseGivenUp releases the values that a Member held and no longer requests.
func (r *Registry) ReleaseGivenUp(before, after *v1alpha1.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	requested := Of(after)
	for _, claim := range Of(before) {
		if r.holders[claim] == before.UID && !slices.Contains(requested, claim) {
			delete(r.holders, claim)
		}
	}
}
