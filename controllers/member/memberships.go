package member

import (
	"context"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/references"
)

// resolveMemberships returns the groups that a Member is in, by name. It also returns the names in
// the Member's spec, or in its templates, that no group has.
func resolveMemberships(ctx context.Context, reader client.Reader, member *v1alpha1.Member, templated []v1alpha1.SkillGroupReference) (memberships []v1alpha1.SkillGroupMembership, unknown []string, err error) {
	fromTemplates, unknown, err := requestedMemberships(ctx, reader, member.Namespace, templated, v1alpha1.MembershipFromTemplate)
	if err != nil {
		return nil, nil, err
	}
	selected, err := selectedMemberships(ctx, reader, member)
	if err != nil {
		return nil, nil, err
	}
	listed, err := listedMemberships(ctx, reader, member)
	if err != nil {
		return nil, nil, err
	}
	own, unknownOwn, err := requestedMemberships(ctx, reader, member.Namespace, member.Spec.SkillGroups, v1alpha1.MembershipFromMember)
	if err != nil {
		return nil, nil, err
	}
	for _, name := range unknownOwn {
		if !slices.Contains(unknown, name) {
			unknown = append(unknown, name)
		}
	}
	return assignment.MergeMemberships(slices.Concat(fromTemplates, selected, listed, own)), unknown, nil
}

// selectedMemberships returns the memberships in the groups whose selector matches the Member's
// labels.
func selectedMemberships(ctx context.Context, reader client.Reader, member *v1alpha1.Member) ([]v1alpha1.SkillGroupMembership, error) {
	var groups v1alpha1.SkillGroupList
	if err := reader.List(ctx, &groups, client.InNamespace(member.Namespace),
		client.MatchingFields{references.GroupSelectorIndex.Name: references.HasSelector}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var memberships []v1alpha1.SkillGroupMembership
	for i := range groups.Items {
		group := &groups.Items[i]
		selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
		if err != nil {
			continue // the group's status reports the error
		}
		if selector.Matches(labels.Set(member.Labels)) {
			memberships = append(memberships, assignment.Membership(group.Name, group.Spec.SelectorPriority, v1alpha1.MembershipFromSelector))
		}
	}
	return memberships, nil
}

// listedMemberships returns the memberships in the groups that list the Member.
func listedMemberships(ctx context.Context, reader client.Reader, member *v1alpha1.Member) ([]v1alpha1.SkillGroupMembership, error) {
	var groups v1alpha1.SkillGroupList
	if err := reader.List(ctx, &groups, client.InNamespace(member.Namespace),
		client.MatchingFields{references.GroupMemberIndex.Name: member.Name}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var memberships []v1alpha1.SkillGroupMembership
	for i := range groups.Items {
		group := &groups.Items[i]
		for _, listed := range group.Spec.Members {
			if listed.Name == member.Name {
				memberships = append(memberships, assignment.Membership(group.Name, listed.Priority, v1alpha1.MembershipFromSkillGroup))
			}
		}
	}
	return memberships, nil
}

// requestedMemberships returns the memberships in the groups that the Member or its templates
// request, and the names that no group has.
func requestedMemberships(ctx context.Context, reader client.Reader, namespace string, requests []v1alpha1.SkillGroupReference, source v1alpha1.MembershipSource) (memberships []v1alpha1.SkillGroupMembership, unknown []string, err error) {
	for _, requested := range requests {
		var group v1alpha1.SkillGroup
		err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: requested.Name}, &group, client.UnsafeDisableDeepCopy)
		switch {
		case client.IgnoreNotFound(err) != nil:
			return nil, nil, err
		case err != nil:
			unknown = append(unknown, requested.Name)
		default:
			memberships = append(memberships, assignment.Membership(requested.Name, requested.Priority, source))
		}
	}
	return memberships, unknown, nil
}
