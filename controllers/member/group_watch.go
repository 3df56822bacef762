package member

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// groupWatch has Members looked at whose memberships a SkillGroup changes: those
// that ask for it, themselves or by a template, and those that are in it, when it
// comes or goes, and those that it lists or selects, when it says so differently.
func groupWatch(members client.Reader) handler.TypedEventHandler[*v1alpha1.SkillGroup, reconcile.Request] {
	whole := func(ctx context.Context, group *v1alpha1.SkillGroup, queue kube.Queue) {
		enqueueMembers(ctx, members, queue, everyMember, client.InNamespace(group.Namespace), client.MatchingFields{references.RequestedGroupIndex.Name: group.Name})
		enqueueMembers(ctx, members, queue, everyMember, client.InNamespace(group.Namespace), client.MatchingFields{references.JoinedGroupIndex.Name: group.Name})
		enqueueTemplated(ctx, members, queue, group)
		enqueueListed(queue, group, nil)
		enqueueSelected(ctx, members, queue, group)
	}
	return handler.TypedFuncs[*v1alpha1.SkillGroup, reconcile.Request]{
		CreateFunc: func(ctx context.Context, e event.TypedCreateEvent[*v1alpha1.SkillGroup], queue kube.Queue) {
			if !e.IsInInitialList { // at the start, every Member comes by itself
				whole(ctx, e.Object, queue)
			}
		},
		UpdateFunc: func(ctx context.Context, e event.TypedUpdateEvent[*v1alpha1.SkillGroup], queue kube.Queue) {
			if !kube.SpecChanged(e.ObjectOld, e.ObjectNew) {
				return
			}
			enqueueListed(queue, e.ObjectOld, e.ObjectNew)
			enqueueListed(queue, e.ObjectNew, e.ObjectOld)
			if !sameSelection(&e.ObjectOld.Spec, &e.ObjectNew.Spec) {
				enqueueSelected(ctx, members, queue, e.ObjectOld)
				enqueueSelected(ctx, members, queue, e.ObjectNew)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.TypedDeleteEvent[*v1alpha1.SkillGroup], queue kube.Queue) {
			whole(ctx, e.Object, queue)
		},
	}
}

// sameSelection is whether two specs select the same Members in the same way.
func sameSelection(a, b *v1alpha1.SkillGroupSpec) bool {
	return a.SelectorPriority == b.SelectorPriority && equality.Semantic.DeepEqual(a.Selector, b.Selector)
}

// enqueueListed adds the Members that a group lists, but for those that another
// version of it lists in the same way.
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

// enqueueSelected adds the Members that a group selects.
func enqueueSelected(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	if group.Spec.Selector == nil {
		return
	}
	selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
	if err != nil {
		return // the group's own status says so
	}
	enqueueMembers(ctx, members, queue, everyMember, client.InNamespace(group.Namespace), client.MatchingLabelsSelector{Selector: selector})
}

// enqueueTemplated adds the Members that a template puts into a group.
func enqueueTemplated(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	templates, err := kube.ListTemplates(ctx, members, group.Namespace)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, template := range templates {
		if slices.Contains(references.SkillGroupsOf(&template.Spec), group.Name) {
			selected := func(member *v1alpha1.Member) bool { return assignment.Selects(template, member) }
			enqueueMembers(ctx, members, queue, selected, client.InNamespace(group.Namespace))
		}
	}
}
