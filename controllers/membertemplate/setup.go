// Package membertemplate holds the controller of MemberTemplates. It counts the Members
// that a template selects, and previews the changes of a suspended template. Members
// take the values of templates when they are reconciled themselves.
package membertemplate

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// Setup adds the controller of MemberTemplates.
func Setup(mgr manager.Manager, now func() time.Time) error {
	reader, cache := mgr.GetClient(), mgr.GetCache()
	return kube.StatusController[v1alpha1.MemberTemplate, *v1alpha1.MemberTemplate]{
		Name: "membertemplate", Now: now,
		UpdateStatus: func(ctx context.Context, template *v1alpha1.MemberTemplate, now metav1.Time) error {
			observed, err := observe(ctx, reader, template)
			template.Status = newStatus(observed, now)
			return err
		},
		Watches: []source.Source{
			source.Kind(cache, &v1alpha1.MemberTemplate{}, previewAgain[*v1alpha1.MemberTemplate](reader)),
			source.Kind(cache, &v1alpha1.ContactCenter{}, previewAgain[*v1alpha1.ContactCenter](reader)),
			source.Kind(cache, &v1alpha1.Member{}, recountTemplatesOfMember(reader)),
			source.Kind(cache, &v1alpha1.Site{}, recountTemplatesNaming[*v1alpha1.Site](reader, references.Site)),
			source.Kind(cache, &v1alpha1.Team{}, recountTemplatesNaming[*v1alpha1.Team](reader, references.Team)),
			source.Kind(cache, &v1alpha1.UserProfile{}, recountTemplatesNaming[*v1alpha1.UserProfile](reader, references.UserProfile)),
			source.Kind(cache, &v1alpha1.DesktopProfile{}, recountTemplatesNaming[*v1alpha1.DesktopProfile](reader, references.DesktopProfile)),
			source.Kind(cache, &v1alpha1.SkillGroup{}, recountTemplatesNaming[*v1alpha1.SkillGroup](reader, references.SkillGroup)),
		},
	}.Setup(mgr)
}

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
func recountTemplatesNaming[T client.Object](reader client.Reader, kind references.Kind) kube.Handler[T] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		recountTemplates(ctx, reader, queue, object.GetNamespace(), func(template *v1alpha1.MemberTemplate) bool {
			return slices.Contains(kind.InTemplate(&template.Spec), object.GetName())
		})
	})
}
