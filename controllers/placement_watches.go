package controllers

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// placementKind is a kind of what Members are placed in or with.
type placementKind string

const (
	siteKind           placementKind = "site"
	teamKind           placementKind = "team"
	userProfileKind    placementKind = "userProfile"
	desktopProfileKind placementKind = "desktopProfile"
)

// placementValue is the value in indexPlacement of an object.
func placementValue(kind placementKind, name string) string { return string(kind) + "/" + name }

// placementValues are the values in indexPlacement of a Member.
func placementValues(member *v1alpha1.Member) []string {
	var values []string
	add := func(kind placementKind, names ...string) {
		for _, name := range names {
			if value := placementValue(kind, name); name != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	spec, status := &member.Spec, &member.Status
	add(siteKind, append(assigned(status.Site), spec.Site)...)
	add(teamKind, append(joinedTeams(member), spec.Teams...)...)
	add(userProfileKind, append(assigned(status.UserProfile), spec.UserProfile)...)
	add(desktopProfileKind, append(assigned(status.DesktopProfile), spec.DesktopProfile)...)
	return values
}

// enqueueNaming adds the Members that a Site, Team or profile may concern: those
// whose spec or status names it, and all of the namespace if a MemberTemplate or the
// ContactCenter does.
func enqueueNaming(ctx context.Context, reader client.Reader, queue requestQueue, kind placementKind, namespace, name string) {
	named := client.MatchingFields{indexPlacement: placementValue(kind, name)}
	if isOfferedToAll(ctx, reader, kind, namespace, name) {
		enqueueMembers(ctx, reader, queue, everyMember, client.InNamespace(namespace))
		return
	}
	enqueueMembers(ctx, reader, queue, everyMember, client.InNamespace(namespace), named)
}

// isOfferedToAll is whether a MemberTemplate or the ContactCenter names a Site, Team
// or profile.
func isOfferedToAll(ctx context.Context, reader client.Reader, kind placementKind, namespace, name string) bool {
	names := map[placementKind]func(*v1alpha1.MemberTemplateSpec) []string{
		siteKind: siteOf, teamKind: teamsOf, userProfileKind: userProfileOf, desktopProfileKind: desktopProfileOf,
	}[kind]
	center, err := findContactCenter(ctx, reader, namespace)
	if err == nil && center != nil && slices.Contains(names(defaultsOf(center)), name) {
		return true
	}
	templates, err := templatesOf(ctx, reader, namespace)
	return err == nil && slices.ContainsFunc(templates, func(template *v1alpha1.MemberTemplate) bool {
		return slices.Contains(names(&template.Spec), name)
	})
}

// defaultsOf are what a ContactCenter gives to Members that have nothing else, as a
// template would.
func defaultsOf(center *v1alpha1.ContactCenter) *v1alpha1.MemberTemplateSpec {
	defaults := center.Spec.Defaults
	if defaults == nil {
		return &v1alpha1.MemberTemplateSpec{}
	}
	return &v1alpha1.MemberTemplateSpec{Site: defaults.Site, UserProfile: defaults.UserProfile, DesktopProfile: defaults.DesktopProfile}
}

// templatesOf are the MemberTemplates of a namespace. Not to be changed.
func templatesOf(ctx context.Context, reader client.Reader, namespace string) ([]*v1alpha1.MemberTemplate, error) {
	var list v1alpha1.MemberTemplateList
	if err := reader.List(ctx, &list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	return pointers(list.Items), nil
}

// placementWatch has Members looked at that a Site, Team or profile concerns, when it
// comes, goes or is asked for something else.
func placementWatch[T client.Object](reader client.Reader, kind placementKind) handler.TypedEventHandler[T, reconcile.Request] {
	return whenChanged(func(ctx context.Context, object T, queue requestQueue) {
		enqueueNaming(ctx, reader, queue, kind, object.GetNamespace(), object.GetName())
	})
}
