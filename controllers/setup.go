package controllers

import (
	"errors"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"rollcall.dev/rollcall/api/v1alpha1"
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
	outbox := newOutboxRunnable(mgr, outboxOptions{
		Concurrency: options.MailConcurrency, Grace: letterGrace, Dialer: options.Dialer,
		Now: options.Now, Jitter: options.Jitter, Leads: fence.holds, Observe: countAttempt,
	})
	errs := []error{
		addMemberController(mgr, outbox, memberOptions{
			Concurrency: options.MemberConcurrency, RoleBindings: options.RoleBindings, Random: options.Random, Now: options.Now,
		}),
		addSkillGroupController(mgr, options.Now),
		addUserProfileController(mgr, options.RoleBindings, options.Now),
		addDesktopProfileController(mgr, options.Now),
		addSiteController(mgr, options.Now),
		addTeamController(mgr, options.Now),
		addMemberTemplateController(mgr, options.Now),
		addContactCenterController(mgr, clientset, contactCenterOptions{
			Outbox: outbox.outbox, MailNews: outbox.centers(v1alpha1.ContactCenterName), MailChanged: outbox.routeNews,
			RoleBindings: options.RoleBindings, Now: options.Now,
		}),
	}
	if options.SessionKeySecret.Name != "" {
		errs = append(errs, addSessionKeyMaker(mgr, options.SessionKeySecret, options.Now, options.Random))
	}
	return errors.Join(append(errs, mgr.Add(outbox))...)
}

// controllerOptions are the same for all controllers but for how much they do at
// a time.
func controllerOptions(concurrency int) controller.Options {
	return controller.Options{
		MaxConcurrentReconciles: concurrency,
		RateLimiter:             workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](retryBase, retryMost),
	}
}
