package member

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// enqueueNaming adds the Members that a Site, Team or profile may concern: those
// whose spec or status names it, and all of the namespace if a MemberTemplate or the
// ContactCenter does.
func enqueueNaming(ctx context.Context, reader client.Reader, queue kube.Queue, kind references.PlacementKind, namespace, name string) {
	named := client.MatchingFields{references.PlacementIndex.Name: references.PlacementValue(kind, name)}
	if isOfferedToAll(ctx, reader, kind, namespace, name) {
		enqueueMembers(ctx, reader, queue, everyMember, client.InNamespace(namespace))
		return
	}
	enqueueMembers(ctx, reader, queue, everyMember, client.InNamespace(namespace), named)
}

// isOfferedToAll is whether a MemberTemplate or the ContactCenter names a Site, Team
// or profile.
func isOfferedToAll(ctx context.Context, reader client.Reader, kind references.PlacementKind, namespace, name string) bool {
	names := map[references.PlacementKind]func(*v1alpha1.MemberTemplateSpec) []string{
		references.SiteKind: references.SiteOf, references.TeamKind: references.TeamsOf, references.UserProfileKind: references.UserProfileOf, references.DesktopProfileKind: references.DesktopProfileOf,
	}[kind]
	center, err := kube.FindContactCenter(ctx, reader, namespace)
	if err == nil && center != nil && slices.Contains(names(references.DefaultsOf(center)), name) {
		return true
	}
	templates, err := kube.ListTemplates(ctx, reader, namespace)
	return err == nil && slices.ContainsFunc(templates, func(template *v1alpha1.MemberTemplate) bool {
		return slices.Contains(names(&template.Spec), name)
	})
}

// placementWatch has Members looked at that a Site, Team or profile concerns, when it
// comes, goes or is asked for something else.
func placementWatch[T client.Object](reader client.Reader, kind references.PlacementKind) handler.TypedEventHandler[T, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		enqueueNaming(ctx, reader, queue, kind, object.GetNamespace(), object.GetName())
	})
}
