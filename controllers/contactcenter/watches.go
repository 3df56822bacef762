package contactcenter

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
)

// memberWatch keeps the index of Members. It recounts the ContactCenter when a change of
// a Member shows in its counts, and reconciles it when the Super Admin's Member changes.
func memberWatch(index *memberIndex) kube.Handler[*v1alpha1.Member] {
	return kube.Watch(func(_ context.Context, event kube.Event[*v1alpha1.Member], queue kube.Queue) {
		member := event.After
		if member == nil {
			member = event.Before
			index.remove(member)
		} else {
			index.add(member)
		}
		updated := event.Before != nil && event.After != nil
		if event.Initial || (updated && !concernsContactCenter(event.Before, event.After)) {
			return
		}
		if member.Name == v1alpha1.SuperAdminMemberName {
			kube.Enqueue(queue, member.Namespace, v1alpha1.ContactCenterName, 0)
			return
		}
		kube.EnqueueRecount(queue, member.Namespace, v1alpha1.ContactCenterName)
	})
}

// concernsContactCenter reports whether an update of a Member changes the counts of its
// ContactCenter, or changes the Super Admin's Member.
func concernsContactCenter(before, after *v1alpha1.Member) bool {
	return before.Status.Login != after.Status.Login || before.Status.LoginReason != after.Status.LoginReason ||
		mailReason(before) != mailReason(after) || !equality.Semantic.DeepEqual(before.Status.License, after.Status.License) ||
		(after.Name == v1alpha1.SuperAdminMemberName && before.ResourceVersion != after.ResourceVersion)
}

// defaultWatch reconciles the ContactCenter when an object changes that its
// spec.defaults may name.
func defaultWatch[T client.Object]() kube.Handler[T] {
	return kube.WatchChanges(func(_ context.Context, object T, queue kube.Queue) {
		kube.Enqueue(queue, object.GetNamespace(), v1alpha1.ContactCenterName, 0)
	})
}
