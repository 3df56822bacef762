package contactcenter

import (
	"cmp"
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
)

// Options configure the controller of ContactCenters.
type Options struct {
	// Outbox gets the mail settings.
	Outbox *mail.Outbox
	// MailNews is the source of ContactCenters whose mail server changed its state.
	// MailChanged is called with a namespace when a Secret or ConfigMap changed to which
	// its mail settings refer.
	MailNews    source.Source
	MailChanged func(namespace string)
	// RoleBindings reports whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Now is the clock.
	Now func() time.Time
}

// Setup adds the controller of ContactCenters.
func Setup(mgr manager.Manager, clientset kubernetes.Interface, options Options) error {
	reconciler := &reconciler{
		client: mgr.GetClient(), outbox: options.Outbox, now: options.Now,
		roleBindings:     options.RoleBindings,
		referenceWatches: newReferenceWatches(clientset, options.MailChanged),
		recounts:         kube.NewRecountLimiter(options.Now),
		members:          newMemberStore(),
	}
	if err := mgr.Add(reconciler.referenceWatches); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("contactcenter").
		WithOptions(kube.ControllerOptions(2)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.ContactCenter{}, kube.WatchSelf[*v1alpha1.ContactCenter]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, memberWatch(reconciler.members))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, defaultWatch[*v1alpha1.Site]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, defaultWatch[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, defaultWatch[*v1alpha1.DesktopProfile]())).
		WatchesRawSource(options.MailNews).
		Complete(reconciler)
}

// newMemberStore returns a store of the Members of each namespace, as pointers to the
// objects of the cache. A list from the cache would copy each struct, even with
// client.UnsafeDisableDeepCopy: 8 MB for 10,000 Members, at each count.
func newMemberStore() cache.ThreadSafeStore {
	return cache.NewThreadSafeStore(cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}, cache.Indices{})
}

// memberWatch keeps the store of Members. It recounts the ContactCenter when a change of
// a Member shows in its counts, and reconciles it when the Super Admin's Member changes.
func memberWatch(members cache.ThreadSafeStore) kube.Handler[*v1alpha1.Member] {
	return kube.Watch(func(_ context.Context, event kube.Event[*v1alpha1.Member], queue kube.Queue) {
		member := cmp.Or(event.After, event.Before)
		if key := client.ObjectKeyFromObject(member).String(); event.After != nil {
			members.Add(key, event.After)
		} else {
			members.Delete(key)
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
