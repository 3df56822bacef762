package member

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// groupWatch requeues the Members whose memberships a SkillGroup changes. If the group is
// created or deleted, these are all Members that it concerns. If its spec changes, these
// are the Members that it lists or selects differently.
func groupWatch(members client.Reader) kube.Handler[*v1alpha1.SkillGroup] {
	return kube.WatchTransitions(func(ctx context.Context, before, after *v1alpha1.SkillGroup, queue kube.Queue) {
		switch {
		case before == nil:
			enqueueConcerned(ctx, members, queue, after)
		case after == nil:
			enqueueConcerned(ctx, members, queue, before)
		case kube.SpecChanged(before, after):
			enqueueListed(queue, before, after)
			enqueueListed(queue, after, before)
			if !sameSelection(&before.Spec, &after.Spec) {
				enqueueSelected(ctx, members, queue, before)
				enqueueSelected(ctx, members, queue, after)
			}
		}
	})
}

// sameSelection reports whether two specs select the same Members with the same priority.
func sameSelection(a, b *v1alpha1.SkillGroupSpec) bool {
	return a.SelectorPriority == b.SelectorPriority && equality.Semantic.DeepEqual(a.Selector, b.Selector)
}

// enqueueConcerned requeues the Members that request a group, are in it, or that a template
// or the group itself puts into it.
func enqueueConcerned(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	for _, index := range []string{references.RequestedGroupIndex.Name, references.JoinedGroupIndex.Name} {
		enqueueAll(ctx, members, queue, client.InNamespace(group.Namespace), client.MatchingFields{index: group.Name})
	}
	enqueueTemplated(ctx, members, queue, group)
	enqueueListed(queue, group, nil)
	enqueueSelected(ctx, members, queue, group)
}

// enqueueListed requeues the Members that a group lists, except those that another version
// of the group lists with the same priority.
func enqueueListed(queue kube.Queue, group, other *v1alpha1.SkillGroup) {
	same := map[v1alpha1.GroupMember]bool{}
	if other != nil {
		for _, listed := range other.Spec.Members {
			same[listed] = true
		}
	}
	for _, listed := range group.Spec.Members {
		if !same[listed] {
			kube.Enqueue(queue, group.Namespace, listed.Name, 0)
		}
	}
}

// enqueueSelected requeues the Members that a group selects.
func enqueueSelected(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	if group.Spec.Selector == nil {
		return
	}
	selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
	if err != nil {
		return // the status of the group reports it
	}
	enqueueAll(ctx, members, queue, client.InNamespace(group.Namespace), client.MatchingLabelsSelector{Selector: selector})
}

// enqueueTemplated requeues the Members that a template puts into a group.
func enqueueTemplated(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	templates, err := kube.ListTemplates(ctx, members, group.Namespace)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, template := range templates {
		if slices.Contains(references.SkillGroupsOf(&template.Spec), group.Name) {
			enqueueSelectedBy(ctx, members, queue, template)
		}
	}
}
