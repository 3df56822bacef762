package controllers

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
)

// Back-off of a Member, SkillGroup or ContactCenter that cannot be reconciled,
// such as one whose Secret is over a quota.
const (
	retryBase = 50 * time.Millisecond
	retryMost = 30 * time.Second
)

// addControllers puts the controllers and the outbox into a manager.
func addControllers(mgr manager.Manager, fence *leaseFence, options ManagerOptions) error {
	clientset, err := kubernetes.NewForConfig(mgr.GetConfig())
	if err != nil {
		return err
	}
	runnable := &outboxRunnable{reader: mgr.GetClient()}
	runnable.outbox = mail.NewOutbox(mail.OutboxOptions{
		Concurrency: options.MailConcurrency,
		Source:      letterSource{cache: mgr.GetClient(), live: mgr.GetAPIReader(), now: options.Now, leads: fence.holds},
		Dialer:      options.Dialer,
		Now:         options.Now,
		Jitter:      options.Jitter,
		Grace:       letterGrace,
		OnDelivery:  runnable.letterNews,
		OnRoute:     runnable.routeNews,
		Observe:     countAttempt,
	})
	if err := addMemberController(mgr, runnable, options); err != nil {
		return err
	}
	for _, add := range []func(manager.Manager, ManagerOptions) error{
		addSkillGroupController, addUserProfileController, addDesktopProfileController,
		addSiteController, addTeamController, addMemberTemplateController,
	} {
		if err := add(mgr, options); err != nil {
			return err
		}
	}
	if err := addContactCenterController(mgr, runnable, clientset, options); err != nil {
		return err
	}
	if options.SessionKeySecret.Name != "" {
		if err := addSessionKeyMaker(mgr, options); err != nil {
			return err
		}
	}
	return mgr.Add(runnable)
}

// addMemberController adds the controller of Members.
func addMemberController(mgr manager.Manager, outbox *outboxRunnable, options ManagerOptions) error {
	claims := newClaimRegistry(mgr.GetClient())
	seats := newSeatLedger(mgr.GetClient(), claims)
	reconciler := &MemberReconciler{
		Client:   mgr.GetClient(),
		Live:     mgr.GetAPIReader(),
		Recorder: mgr.GetEventRecorder("rollcall"),
		Outbox:   outbox.outbox,
		Claims:   claims,
		Seats:    seats,
		Random:   options.Random,
		Now:      options.Now,

		RoleBindings: options.RoleBindings,
	}
	watch := memberWatch{now: options.Now, gone: reconciler.forget, claims: claims, seats: seats}
	outbox.ledger = reconciler
	clock := &clockWatch{members: mgr.GetClient(), watch: watch}
	if err := mgr.Add(clock); err != nil {
		return err
	}
	controller := ctrl.NewControllerManagedBy(mgr).
		Named("member").
		WithOptions(controllerOptions(options.MemberConcurrency)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, watch.handler())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.ContactCenter{}, centerWatch(mgr.GetClient(), seats))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.MemberTemplate{}, templateWatch(mgr.GetClient(), seats))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, placementWatch[*v1alpha1.Site](mgr.GetClient(), siteKind))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Team{}, placementWatch[*v1alpha1.Team](mgr.GetClient(), teamKind))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, userProfileWatch(mgr.GetClient()))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, placementWatch[*v1alpha1.DesktopProfile](mgr.GetClient(), desktopProfileKind))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.SkillGroup{}, groupWatch(mgr.GetClient()))).
		WatchesRawSource(source.Kind[client.Object](mgr.GetCache(), &corev1.Secret{}, handler.EnqueueRequestsFromMapFunc(enqueueMemberOf))).
		WatchesRawSource(seats.winners()).
		WatchesRawSource(clock.source()).
		WatchesRawSource(outbox.members(mgr.GetClient()))
	if options.RoleBindings {
		controller.WatchesRawSource(source.Kind[client.Object](mgr.GetCache(), &rbacv1.RoleBinding{}, handler.EnqueueRequestsFromMapFunc(enqueueMemberOf)))
		controller.WatchesRawSource(source.Kind(mgr.GetCache(), client.Object(&rbacv1.Role{}), profileRoleWatch(mgr.GetClient())))
	}
	return controller.Complete(reconciler)
}

// addContactCenterController adds the controller of ContactCenters.
func addContactCenterController(mgr manager.Manager, outbox *outboxRunnable, clientset kubernetes.Interface, options ManagerOptions) error {
	reconciler := &ContactCenterReconciler{
		Client: mgr.GetClient(), Outbox: outbox.outbox, Now: options.Now,
		RoleBindings: options.RoleBindings,
		references:   newReferences(clientset, outbox.routeNews), recounts: newRecounts(options.Now), members: newMemberBook(),
	}
	if err := mgr.Add(reconciler.references); err != nil {
		return err
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("contactcenter").
		WithOptions(controllerOptions(2)).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.ContactCenter{}, ownWatch[*v1alpha1.ContactCenter]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Member{}, countedByCenter(reconciler.members))).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.Site{}, defaultWatch[*v1alpha1.Site]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.UserProfile{}, defaultWatch[*v1alpha1.UserProfile]())).
		WatchesRawSource(source.Kind(mgr.GetCache(), &v1alpha1.DesktopProfile{}, defaultWatch[*v1alpha1.DesktopProfile]())).
		WatchesRawSource(outbox.centers(v1alpha1.ContactCenterName)).
		Complete(reconciler)
}

// controllerOptions are the same for all controllers but for how much they do at
// a time.
func controllerOptions(concurrency int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: concurrency,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retryBase, retryMost),
	}
}
