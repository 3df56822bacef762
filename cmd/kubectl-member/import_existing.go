package main

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// existingMembers are the members of a contact centre, by all that is unique, and the
// names of what they can name.
type existingMembers struct {
	namespace   string
	members     []*v1alpha1.Member
	byEmail     map[string]*v1alpha1.Member // in lower case
	byName      map[string]*v1alpha1.Member
	byAgentID   map[string]*v1alpha1.Member
	byExtension map[string]*v1alpha1.Member
	// objects are the names of what members name, by column; nothing for a column
	// that the sheet does not have, or of which nothing may be known.
	objects map[roster.Column]map[string]bool
	// teams are the Teams, if the sheet has a column for them.
	teams map[string]teamFacts
}

func newExistingMembers(namespace string) *existingMembers {
	return &existingMembers{
		namespace: namespace,
		byEmail:   map[string]*v1alpha1.Member{}, byName: map[string]*v1alpha1.Member{},
		byAgentID: map[string]*v1alpha1.Member{}, byExtension: map[string]*v1alpha1.Member{},
		objects: map[roster.Column]map[string]bool{},
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
	member.Status = v1alpha1.MemberStatus{Claims: &claims, License: member.Status.License, Site: member.Status.Site}
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

// readExisting reads what a contact centre has, as far as a sheet is about it, a page
// at a time.
func readExisting(ctx context.Context, cluster client.Client, namespace string, sheet roster.Sheet) (*existingMembers, error) {
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
	for _, named := range namedKinds {
		if _, has := sheet.Has[named.column]; !has {
			continue
		}
		names, err := readNames(ctx, cluster, existing, named)
		if apierrors.IsForbidden(err) {
			// Somebody's profile may let them say where members are, and not see it.
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the %s: %w", named.plural, err)
		}
		for _, name := range named.builtIn {
			names[name] = true
		}
		existing.objects[named.column] = names
	}
	return existing, nil
}

// readNames reads the names of a kind, and of Teams what else counts.
func readNames(ctx context.Context, cluster client.Reader, existing *existingMembers, named namedKind) (map[string]bool, error) {
	names := map[string]bool{}
	if named.column == roster.TeamsColumn {
		existing.teams = map[string]teamFacts{}
		return names, pagesOf(ctx, cluster, teamResource(), existing.namespace, pageSize, func(page []v1alpha1.Team) error {
			for i := range page {
				names[page[i].Name], existing.teams[page[i].Name] = true, factsOf(&page[i])
			}
			return nil
		})
	}
	kind := nameResource(v1alpha1.GroupVersion.WithKind(named.kind), named.plural)
	return names, pagesOf(ctx, cluster, kind, existing.namespace, pageSize, func(page []metav1.PartialObjectMetadata) error {
		for i := range page {
			names[page[i].Name] = true
		}
		return nil
	})
}
