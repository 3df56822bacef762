package membertemplate

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
)

// recountTemplates recounts those templates of a namespace for which concerned reports
// true.
func recountTemplates(ctx context.Context, reader client.Reader, queue kube.Queue, namespace string, concerned func(*v1alpha1.MemberTemplate) bool) {
	templates, err := kube.ListTemplates(ctx, reader, namespace)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, template := range templates {
		if concerned(template) {
			kube.EnqueueRecount(queue, namespace, template.Name)
		}
	}
}

// recountTemplatesOfMember recounts the templates that select a Member, or did before,
// when a change of the Member shows in their counts or previews.
func recountTemplatesOfMember(reader client.Reader) kube.Handler[*v1alpha1.Member] {
	return kube.WatchVersions(concernsTemplates, func(ctx context.Context, member *v1alpha1.Member, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, member.Namespace, func(template *v1alpha1.MemberTemplate) bool {
			return assignment.Selects(template, member)
		})
	})
}

// concernsTemplates reports whether an update of a Member may change the counts or the
// preview of a template.
func concernsTemplates(before, after *v1alpha1.Member) bool {
	return kube.SpecChanged(before, after) || !equality.Semantic.DeepEqual(before.Labels, after.Labels) ||
		!equality.Semantic.DeepEqual(before.Status.Templates, after.Status.Templates) ||
		!equality.Semantic.DeepEqual(before.Status.SkillGroups, after.Status.SkillGroups)
}

// previewAgain renews the previews of suspended templates when another template or the
// defaults of the ContactCenter change.
func previewAgain[T client.Object](reader client.Reader) kube.Handler[T] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, object.GetNamespace(), func(template *v1alpha1.MemberTemplate) bool {
			return template.Spec.Suspend && template.UID != object.GetUID()
		})
	})
}

// recountTemplatesNaming recounts the templates that name an object.
func recountTemplatesNaming[T client.Object](reader client.Reader, names func(*v1alpha1.MemberTemplateSpec) []string) kube.Handler[T] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, object.GetNamespace(), func(template *v1alpha1.MemberTemplate) bool {
			return slices.Contains(names(&template.Spec), object.GetName())
		})
	})
}
