package controllers

import (
	"context"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// claim names a value that only one Member of a namespace may hold.
type claim struct {
	namespace, index, value string
}

// claimRegistry decides which Member holds a value that is unique in its
// namespace. What was decided is in the Members' status; the registry covers the
// time until the cache shows it, and takes decisions one at a time, so that two
// Members looked at together never both get a value.
type claimRegistry struct {
	members client.Reader

	mu      sync.Mutex
	holders map[claim]types.UID
}

// newClaimRegistry makes a registry over the Members of a cache.
func newClaimRegistry(members client.Reader) *claimRegistry {
	return &claimRegistry{members: members, holders: map[claim]types.UID{}}
}

// take gives a Member the values that it asks for and nobody else holds. It
// returns those that it holds, and the names of the Members that hold the others.
func (r *claimRegistry) take(ctx context.Context, member *v1alpha1.Member) (held, rivals v1alpha1.Claims, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, wanted := range claimsOf(member) {
		holder, err := r.holder(ctx, wanted)
		if err != nil {
			return held, rivals, err
		}
		switch {
		case holder == nil:
		case holder.UID == member.UID:
			*field(&held, wanted.index) = wanted.value
		default:
			*field(&rivals, wanted.index) = holder.Name
		}
	}
	return held, rivals, nil
}

// isDuplicate is whether another Member holds the e-mail address of a Member. If nobody
// does yet, it decides as take would.
func (r *claimRegistry) isDuplicate(ctx context.Context, member *v1alpha1.Member) (bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	holder, err := r.holder(ctx, claim{namespace: member.Namespace, index: indexEmail, value: uniqueEmail(member)})
	return holder != nil && holder.UID != member.UID, err
}

// field is where a value of an index is in Claims.
func field(claims *v1alpha1.Claims, index string) *string {
	switch index {
	case indexAgentID:
		return &claims.AgentID
	case indexExtension:
		return &claims.Extension
	default:
		return &claims.Email
	}
}

// holder decides who holds a value; nil if nobody asks for it. The caller holds
// the lock.
func (r *claimRegistry) holder(ctx context.Context, wanted claim) (*v1alpha1.Member, error) {
	var rivals v1alpha1.MemberList
	if err := r.members.List(ctx, &rivals, client.InNamespace(wanted.namespace),
		client.MatchingFields{wanted.index: wanted.value}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var best *v1alpha1.Member
	for i := range rivals.Items {
		rival := &rivals.Items[i]
		if best == nil || r.precedes(wanted, rival, best) {
			best = rival
		}
	}
	if best == nil {
		delete(r.holders, wanted)
		return nil, nil //nolint:nilnil // nobody is an answer like any other
	}
	r.holders[wanted] = best.UID
	return best, nil
}

// precedes is whether of two Members that ask for a value the first one gets it:
// the Super Admin's e-mail address always wins; then whoever holds the value,
// by decision or by status; then who is not being deleted; then the older one;
// then the lower UID.
func (r *claimRegistry) precedes(wanted claim, a, b *v1alpha1.Member) bool {
	superAdmin := func(m *v1alpha1.Member) bool {
		return wanted.index == indexEmail && m.Spec.Role == v1alpha1.RoleSuperAdmin
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
	var claims []claim
	for index, value := range map[string]string{
		indexEmail:     uniqueEmail(member),
		indexAgentID:   member.Spec.AgentID,
		indexExtension: member.Spec.Extension,
	} {
		if value != "" {
			claims = append(claims, claim{namespace: member.Namespace, index: index, value: value})
		}
	}
	return claims
}

// claimedInStatus is whether a Member's status says that it holds a value.
func claimedInStatus(member *v1alpha1.Member, wanted claim) bool {
	return member.Status.Claims != nil && *field(member.Status.Claims, wanted.index) == wanted.value
}
