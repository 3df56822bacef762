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
		names, err := existing.readNames(ctx, cluster, named)
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
func (e *existingMembers) readNames(ctx context.Context, cluster client.Reader, named namedKind) (names map[string]bool, err error) {
	if named.column != roster.TeamsColumn {
		return namesOf(ctx, cluster, e.namespace, named.kind)
	}
	if e.teams, err = teamsOf(ctx, cluster, e.namespace); err != nil {
		return nil, err
	}
	names = map[string]bool{}
	for name := range e.teams {
		names[name] = true
	}
	return names, nil
}

// namesOf are the names of all objects of a kind.
func namesOf(ctx context.Context, cluster client.Reader, namespace, kindName string) (map[string]bool, error) {
	names := map[string]bool{}
	for token := ""; ; {
		var list metav1.PartialObjectMetadataList
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kindName + "List"))
		if err := cluster.List(ctx, &list, client.InNamespace(namespace), client.Limit(pageSize), client.Continue(token)); err != nil {
			return nil, err
		}
		for i := range list.Items {
			names[list.Items[i].Name] = true
		}
		if token = list.Continue; token == "" {
			return names, nil
		}
	}
}
