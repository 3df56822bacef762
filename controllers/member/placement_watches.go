package member

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// placementWatch requeues the Members that a Site, Team, or profile may concern, when it is
// created or deleted, or when its spec changes.
func placementWatch[T client.Object](reader client.Reader, kind references.PlacementKind) kube.Handler[T] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		enqueueNaming(ctx, reader, queue, kind, object.GetNamespace(), object.GetName())
	})
}

// enqueueNaming requeues the Members whose spec or status names a Site, Team, or profile. It
// requeues all Members of the namespace if a MemberTemplate or the ContactCenter names it.
func enqueueNaming(ctx context.Context, reader client.Reader, queue kube.Queue, kind references.PlacementKind, namespace, name string) {
	options := []client.ListOption{client.InNamespace(namespace)}
	if !isOfferedToAll(ctx, reader, kind, namespace, name) {
		options = append(options, client.MatchingFields{references.PlacementIndex.Name: references.PlacementValue(kind, name)})
	}
	enqueueAll(ctx, reader, queue, options...)
}

// isOfferedToAll reports whether a MemberTemplate or the ContactCenter names a Site, Team, or
// profile.
func isOfferedToAll(ctx context.Context, reader client.Reader, kind references.PlacementKind, namespace, name string) bool {
	namesIn := map[references.PlacementKind]func(*v1alpha1.MemberTemplateSpec) []string{
		references.SiteKind:           references.SiteOf,
		references.TeamKind:           references.TeamsOf,
		references.UserProfileKind:    references.UserProfileOf,
		references.DesktopProfileKind: references.DesktopProfileOf,
	}[kind]
	center, err := kube.FindContactCenter(ctx, reader, namespace)
	if err == nil && center != nil && slices.Contains(namesIn(references.DefaultsOf(center)), name) {
		return true
	}
	templates, err := kube.ListTemplates(ctx, reader, namespace)
	return err == nil && slices.ContainsFunc(templates, func(template *v1alpha1.MemberTemplate) bool {
		return slices.Contains(namesIn(&template.Spec), name)
	})
}
