package membertemplate

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
)

// recountTemplates has the wanted ones of a namespace's templates counted.
func recountTemplates(ctx context.Context, reader client.Reader, queue kube.Queue, namespace string, wanted func(*v1alpha1.MemberTemplate) bool) {
	templates, err := kube.ListTemplates(ctx, reader, namespace)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, template := range templates {
		if wanted(template) {
			kube.EnqueueRecount(queue, namespace, template.Name)
		}
	}
}

// countedByTemplates has the templates counted that are about a Member, or were,
// when the Member comes, goes, or changes in what their counts or previews show.
func countedByTemplates(reader client.Reader) handler.TypedEventHandler[*v1alpha1.Member, reconcile.Request] {
	about := func(ctx context.Context, queue kube.Queue, members ...*v1alpha1.Member) {
		recountTemplates(ctx, reader, queue, members[0].Namespace, func(template *v1alpha1.MemberTemplate) bool {
			return slices.ContainsFunc(members, func(member *v1alpha1.Member) bool { return assignment.Selects(template, member) })
		})
	}
	return handler.TypedFuncs[*v1alpha1.Member, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.Member], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every template comes by itself
				about(ctx, queue, e.Object)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.Member], queue kube.Queue) {
			if concernsTemplates(e.ObjectOld, e.ObjectNew) {
				about(ctx, queue, e.ObjectOld, e.ObjectNew)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.Member], queue kube.Queue) {
			about(ctx, queue, e.Object)
		},
	}
}

// concernsTemplates is whether a template may count or preview a Member differently
// than before.
func concernsTemplates(was, is *v1alpha1.Member) bool {
	return kube.SpecChanged(was, is) || !equality.Semantic.DeepEqual(was.Labels, is.Labels) ||
		!equality.Semantic.DeepEqual(was.Status.Templates, is.Status.Templates) ||
		!equality.Semantic.DeepEqual(was.Status.SkillGroups, is.Status.SkillGroups)
}

// previewWatch has the previews of suspended templates made again when what they are
// made from is asked for something else: other templates, and the defaults.
func previewWatch[T client.Object](reader client.Reader) handler.TypedEventHandler[T, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, object.GetNamespace(), func(template *v1alpha1.MemberTemplate) bool {
			return template.Spec.Suspend && template.UID != object.GetUID()
		})
	})
}

// namedByTemplates has the templates looked at that name an object.
func namedByTemplates[T client.Object](reader client.Reader, names func(*v1alpha1.MemberTemplateSpec) []string) handler.TypedEventHandler[T, reconcile.Request] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, object.GetNamespace(), func(template *v1alpha1.MemberTemplate) bool {
			return slices.Contains(names(&template.Spec), object.GetName())
		})
	})
}
