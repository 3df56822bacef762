package member

import (
	"cmp"
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/licensing"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/references"
)

// centerWatch requeues all Members of a namespace when its ContactCenter is created or
// deleted, or when its spec changes. Members that lose their permissions with the identity
// come first.
func centerWatch(members client.Reader, seats *licensing.Allocator) kube.Handler[*v1alpha1.ContactCenter] {
	return kube.WatchTransitions(func(ctx context.Context, before, after *v1alpha1.ContactCenter, queue kube.Queue) {
		if before != nil && after != nil && !kube.SpecChanged(before, after) {
			return
		}
		namespace := cmp.Or(after, before).Namespace
		if losesIdentity(before, after) {
			enqueueMembers(ctx, members, queue, permittedFirst, namespace)
		}
		rebuildSeats(ctx, seats, namespace)
		enqueueMembers(ctx, members, queue, everyMember, namespace)
	})
}

// losesIdentity reports whether a ContactCenter loses the identity that its Members need
// for their permissions.
func losesIdentity(before, after *v1alpha1.ContactCenter) bool {
	if before == nil || before.Spec.Identity == nil {
		return false
	}
	return after == nil || after.DeletionTimestamp != nil || !equality.Semantic.DeepEqual(before.Spec.Identity, after.Spec.Identity)
}

// templateWatch requeues the Members that a MemberTemplate selects, or did before, when the
// template is created or deleted, or when its spec changes.
func templateWatch(members client.Reader, seats *licensing.Allocator) kube.Handler[*v1alpha1.MemberTemplate] {
	return kube.WatchChanges(func(ctx context.Context, template *v1alpha1.MemberTemplate, queue kube.Queue) {
		rebuildSeats(ctx, seats, template.Namespace)
		enqueueSelectedBy(ctx, members, queue, template)
	})
}

// enqueueSelectedBy requeues the Members that a template selects.
func enqueueSelectedBy(ctx context.Context, members client.Reader, queue kube.Queue, template *v1alpha1.MemberTemplate) {
	selected := func(member *v1alpha1.Member) (int, bool) { return 0, assignment.Selects(template, member) }
	enqueueMembers(ctx, members, queue, selected, template.Namespace)
}

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
		enqueueMembers(ctx, members, queue, everyMember, group.Namespace, client.MatchingFields{index: group.Name})
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
	selector, err := metav1.LabelSelectorAsSelector(group.Spec.Selector)
	if err != nil {
		return // the status of the group reports it
	}
	enqueueMembers(ctx, members, queue, everyMember, group.Namespace, client.MatchingLabelsSelector{Selector: selector})
}

// enqueueTemplated requeues the Members that a template puts into a group.
func enqueueTemplated(ctx context.Context, members client.Reader, queue kube.Queue, group *v1alpha1.SkillGroup) {
	templates, err := kube.ListTemplates(ctx, members, group.Namespace)
	if err != nil {
		return // the cache stops with the operator
	}
	for _, template := range templates {
		if slices.Contains(references.SkillGroup.InTemplate(&template.Spec), group.Name) {
			enqueueSelectedBy(ctx, members, queue, template)
		}
	}
}

// placementWatch requeues the Members that a Site, Team, or profile may concern, when it is
// created or deleted, or when its spec changes.
func placementWatch[T client.Object](reader client.Reader, kind references.Kind) kube.Handler[T] {
	return kube.WatchChanges(func(ctx context.Context, object T, queue kube.Queue) {
		enqueueNaming(ctx, reader, queue, kind, object.GetNamespace(), object.GetName())
	})
}

// enqueueNaming requeues the Members whose spec or status names a Site, Team, or profile. It
// requeues all Members of the namespace if a MemberTemplate or the ContactCenter names it.
func enqueueNaming(ctx context.Context, reader client.Reader, queue kube.Queue, kind references.Kind, namespace, name string) {
	var options []client.ListOption
	if !isOfferedToAll(ctx, reader, kind, namespace, name) {
		options = append(options, client.MatchingFields{references.PlacementIndex.Name: references.PlacementValue(kind, name)})
	}
	enqueueMembers(ctx, reader, queue, everyMember, namespace, options...)
}

// isOfferedToAll reports whether a MemberTemplate or the ContactCenter names a Site, Team, or
// profile.
func isOfferedToAll(ctx context.Context, reader client.Reader, kind references.Kind, namespace, name string) bool {
	center, err := kube.FindContactCenter(ctx, reader, namespace)
	if err == nil && center != nil && slices.Contains(kind.InTemplate(references.DefaultsOf(center)), name) {
		return true
	}
	templates, err := kube.ListTemplates(ctx, reader, namespace)
	return err == nil && slices.ContainsFunc(templates, func(template *v1alpha1.MemberTemplate) bool {
		return slices.Contains(kind.InTemplate(&template.Spec), name)
	})
}

// profileRoleWatch requeues the Members whose permissions come from a Role as soon as the
// Role is created, changed, or deleted. They come first, because a changed Role may grant
// too much.
func profileRoleWatch(members client.Reader) kube.Handler[client.Object] {
	everyUpdate := func(_, _ client.Object) bool { return true } // the label may name another profile
	return kube.WatchVersions(everyUpdate, func(ctx context.Context, role client.Object, queue kube.Queue) {
		enqueueGranted(ctx, members, queue, role.GetNamespace(), ownership.OwnerName(role, "UserProfile", v1alpha1.UserProfileLabel))
	})
}

// enqueueGranted requeues the Members whose permissions come from a UserProfile, ahead of
// others.
func enqueueGranted(ctx context.Context, members client.Reader, queue kube.Queue, namespace, profile string) {
	enqueueMembers(ctx, members, queue, permittedFirst, namespace, client.MatchingFields{references.UserProfileIndex.Name: profile})
}

// userProfileWatch requeues the Members that a UserProfile concerns when it is created or
// deleted. When its spec changes, it waits until the operator has written the Roles, because
// the Members keep the permissions of the old Roles until then.
func userProfileWatch(reader client.Reader) kube.Handler[*v1alpha1.UserProfile] {
	return kube.WatchVersions(concernsMembers, func(ctx context.Context, profile *v1alpha1.UserProfile, queue kube.Queue) {
		enqueueGranted(ctx, reader, queue, profile.Namespace, profile.Name)
		enqueueNaming(ctx, reader, queue, references.UserProfile, profile.Namespace, profile.Name)
	})
}

// concernsMembers reports whether the name of a UserProfile belongs to another object now,
// its deletion began, or the operator has processed its Roles since.
func concernsMembers(before, after *v1alpha1.UserProfile) bool {
	return before.UID != after.UID || (before.DeletionTimestamp == nil) != (after.DeletionTimestamp == nil) ||
		before.Status.ObservedGeneration != after.Status.ObservedGeneration || isStuck(before) != isStuck(after)
}

// isStuck reports whether the operator cannot write the Roles of a UserProfile.
func isStuck(profile *v1alpha1.UserProfile) bool {
	return conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleConflict) ||
		conditions.HasReason(profile.Status.Conditions, v1alpha1.ReadyCondition, v1alpha1.ReasonRoleNotWritten)
}
