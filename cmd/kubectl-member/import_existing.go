package main

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// existingMembers are the members and skill groups of a contact centre, by all
// that is unique.
type existingMembers struct {
	namespace   string
	members     []*v1alpha1.Member
	byEmail     map[string]*v1alpha1.Member // in lower case
	byName      map[string]*v1alpha1.Member
	byAgentID   map[string]*v1alpha1.Member
	byExtension map[string]*v1alpha1.Member
	groups      map[string]bool
}

func newExistingMembers(namespace string) *existingMembers {
	return &existingMembers{
		namespace: namespace,
		byEmail:   map[string]*v1alpha1.Member{}, byName: map[string]*v1alpha1.Member{},
		byAgentID: map[string]*v1alpha1.Member{}, byExtension: map[string]*v1alpha1.Member{},
		groups: map[string]bool{},
	}
}

// add takes a Member in. Of several Members that ask for the same value, the one
// that the operator gave it to counts, else the older one.
func (e *existingMembers) add(member *v1alpha1.Member) {
	claims := v1alpha1.Claims{}
	if member.Status.Claims != nil {
		claims = *member.Status.Claims
	}
	// The rest of a large contact centre's status would be most of the memory.
	member.ManagedFields, member.Annotations = nil, nil
	member.Status = v1alpha1.MemberStatus{Claims: &claims}
	e.members = append(e.members, member)
	e.byName[member.Name] = member
	email := strings.ToLower(member.Spec.Email)
	enter(e.byEmail, email, member, claims.Email == email)
	enter(e.byAgentID, member.Spec.AgentID, member, claims.AgentID == member.Spec.AgentID)
	enter(e.byExtension, member.Spec.Extension, member, claims.Extension == member.Spec.Extension)
}

// enter records who has a value.
func enter(table map[string]*v1alpha1.Member, value string, member *v1alpha1.Member, holds bool) {
	rival := table[value]
	if value != "" && (rival == nil || holds || member.CreationTimestamp.Before(&rival.CreationTimestamp)) {
		table[value] = member
	}
}

// readExisting reads what a contact centre has, a page at a time.
func readExisting(ctx context.Context, cluster client.Client, namespace string) (*existingMembers, error) {
	existing := newExistingMembers(namespace)
	err := eachPage(ctx, cluster, namespace, pageSize, func(page []v1alpha1.Member) error {
		for i := range page {
			existing.add(&page[i])
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the members: %w", err)
	}
	var groups v1alpha1.SkillGroupList
	if err := cluster.List(ctx, &groups, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("reading the skill groups: %w", err)
	}
	for i := range groups.Items {
		existing.groups[groups.Items[i].Name] = true
	}
	return existing, nil
}
