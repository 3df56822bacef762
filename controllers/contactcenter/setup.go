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

// Options are what the controller of ContactCenters can be told.
type Options struct {
	// Outbox gets the mail settings.
	Outbox *mail.Outbox
	// MailNews is the source of ContactCenters whose mail server has news, and
	// MailChanged is told of a namespace whose mail settings refer to something that
	// changed.
	MailNews    source.Source
	MailChanged func(namespace string)
	// RoleBindings is whether Members get RoleBindings for their roles.
	RoleBindings bool
	// Now is the clock.
	Now func() time.Time
}

// Setup adds the controller of ContactCenters.
func Setup(mgr manager.Manager, clientset kubernetes.Interface, options Options) error {
	reconciler := &reconciler{
		Client: mgr.GetClient(), Outbox: options.Outbox, Now: options.Now,
		RoleBindings:     options.RoleBindings,
		referenceWatches: newReferenceWatches(clientset, options.MailChanged), recounts: kube.NewRecounts(options.Now), members: newMemberBook(),
	}
	if err := mgr.Add(reconciler.referenceWatches); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("contactcenter").
		WithOptions(kube.ControllerOptions(2)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.ContactCenter{}, kube.WatchSelf[*v1alpha1.ContactCenter]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, countedByCenter(reconciler.members))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, defaultWatch[*v1alpha1.Site]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, defaultWatch[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, defaultWatch[*v1alpha1.DesktopProfile]())).
		WatchesRawSource(options.MailNews).
		Complete(reconciler)
}
