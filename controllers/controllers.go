package controllers

import (
	"errors"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/controllers/contactcenter"
	"rollcall.dev/rollcall/controllers/counted"
	"rollcall.dev/rollcall/controllers/member"
	"rollcall.dev/rollcall/controllers/membertemplate"
	"rollcall.dev/rollcall/controllers/sessionkeys"
	"rollcall.dev/rollcall/controllers/userprofile"
	"rollcall.dev/rollcall/internal/apiclient"
	"rollcall.dev/rollcall/internal/metrics"
)

// addControllers adds the controllers and the outbox to a manager.
func addControllers(mgr manager.Manager, fence *apiclient.LeaseFence, options Options) error {
	clientset, err := kubernetes.NewForConfig(mgr.GetConfig())
	if err != nil {
		return err
	}
	outbox := member.NewOutbox(mgr, member.OutboxOptions{
		Concurrency: options.MailConcurrency, Grace: apiclient.MailGrace, Dialer: options.Dialer,
		Now: options.Now, Jitter: options.Jitter, Leads: fence.Holds, Observe: metrics.CountAttempt,
	})
	errs := []error{
		member.Setup(mgr, outbox, member.Options{
			Concurrency: options.MemberConcurrency, RoleBindings: options.RoleBindings, Random: options.Random, Now: options.Now,
		}),
		counted.SetupSkillGroup(mgr, options.Now),
		userprofile.Setup(mgr, options.RoleBindings, options.Now),
		counted.SetupDesktopProfile(mgr, options.Now),
		counted.SetupSite(mgr, options.Now),
		counted.SetupTeam(mgr, options.Now),
		membertemplate.Setup(mgr, options.Now),
		contactcenter.Setup(mgr, clientset, contactcenter.Options{
			Outbox: outbox.Outbox, MailNews: outbox.Centers(v1alpha1.ContactCenterName), MailChanged: outbox.RouteNews,
			RoleBindings: options.RoleBindings, Now: options.Now,
		}),
	}
	if options.SessionKeySecret.Name != "" {
		errs = append(errs, sessionkeys.Setup(mgr, options.SessionKeySecret, options.Now, options.Random))
	}
	return errors.Join(append(errs, mgr.Add(outbox))...)
}
