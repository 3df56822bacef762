package contactcenter

import (
	"time"

	"k8s.io/client-go/kubernetes"
	ctrl "sigs.k8s.io/controller-runtime"
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
		members:          newMemberIndex(),
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
