package member

import (
	"cmp"
	"context"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/references"
)

// maxMemberships is the bound of Member.status.skillGroups.
const maxMemberships = 1000

// strength orders the sources of memberships, the strongest first.
var strength = map[v1alpha1.MembershipSource]int{
	v1alpha1.MembershipFromMember: 1, v1alpha1.MembershipFromSkillGroup: 2, v1alpha1.MembershipFromSelector: 3,
	v1alpha1.MembershipFromTemplate: 4,
}

// resolveMemberships returns the groups that a Member is in, by name, and the
// names in its spec, or in the templates about it, that no group has.
func resolveMemberships(ctx context.Context, reader client.Reader, member *v1alpha1.Member, templated []v1alpha1.SkillGroupReference) ([]v1alpha1.SkillGroupMembership, []string, error) {
	found := map[string]v1alpha1.SkillGroupMembership{}
	// The weakest source comes first, so that the stronger ones replace it.
	unknown, err := addAsked(ctx, reader, member.Namespace, templated, v1alpha1.MembershipFromTemplate, found)
	if err != nil {
		return nil, nil, err
	}
	if err := addSelected(ctx, reader, member, found); err != nil {
		return nil, nil, err
	}
	if err := addListed(ctx, reader, member, found); err != nil {
		return nil, nil, err
	}
	unknownOwn, err := addAsked(ctx, reader, member.Namespace, member.Spec.SkillGroups, v1alpha1.MembershipFromMember, found)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range unknownOwn {
		if !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	memberships := make([]v1alpha1.SkillGroupMembership, 0, len(found))
	for _, membership := range found {
		memberships = append(memberships, membership)
	}
	byName := func(a, b v1alpha1.SkillGroupMembership) int { return strings.Compare(a.Name, b.Name) }
	if len(memberships) > maxMemberships {
		// The strongest sources stay.
		slices.SortFunc(memberships, func(a, b v1alpha1.SkillGroupMembership) int {
			return cmp.Or(cmp.Compare(strength[a.Source], strength[b.Source]), byName(a, b))
		})
		memberships = memberships[:maxMemberships]
	}
	slices.SortFunc(memberships, byName)
	return memberships, unknown, nil
}

// addSelected adds the groups whose selector matches the Member's labels.
func addSelected(ctx context.Context, reader client.Reader, member *v1alpha1.Member, found map[string]v1alpha1.SkillGroupMembership) error {
	var groups v1alpha1.SkillGroupList
	if err := reader.List(ctx, &groups, client.InNamespace(member.Namespace),
		client.MatchingFields{references.GroupSelectorIndex.Name: references.HasSelector}, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range groups.Items {
		group := &groups.Items[i]
		selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
		if err != nil {
			continue // the group's own status says so
		}
		if selector.Matches(labels.Set(member.Labels)) {
			found[group.Name] = assignment.Membership(group.Name, group.Spec.SelectorPriority, v1alpha1.MembershipFromSelector)
		}
	}
	return nil
}

// addListed adds the groups that list the Member.
func addListed(ctx context.Context, reader client.Reader, member *v1alpha1.Member, found map[string]v1alpha1.SkillGroupMembership) error {
	var groups v1alpha1.SkillGroupList
	if err := reader.List(ctx, &groups, client.InNamespace(member.Namespace),
		client.MatchingFields{references.GroupMemberIndex.Name: member.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range groups.Items {
		group := &groups.Items[i]
		for _, listed := range group.Spec.Members {
			if listed.Name == member.Name {
				found[group.Name] = assignment.Membership(group.Name, listed.Priority, v1alpha1.MembershipFromSkillGroup)
			}
		}
	}
	return nil
}

// addAsked adds the groups that a Member, or a template about it, asks for, and
// returns the names that no group has.
func addAsked(ctx context.Context, reader client.Reader, namespace string, references []v1alpha1.SkillGroupReference, source v1alpha1.MembershipSource, found map[string]v1alpha1.SkillGroupMembership) ([]string, error) {
	var unknown []string
	for _, asked := range references {
		var group v1alpha1.SkillGroup
		err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: asked.Name}, &group, client.UnsafeDisableDeepCopy)
		switch {
		case client.IgnoreNotFound(err) != nil:
			return nil, err
		case err != nil:
			unknown = append(unknown, asked.Name)
		default:
			found[asked.Name] = assignment.Membership(asked.Name, asked.Priority, source)
		}
	}
	return unknown, nil
}
