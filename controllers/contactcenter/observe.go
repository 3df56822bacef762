package contactcenter

import (
	"context"
	"errors"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/references"
)

// observation holds everything on which plan and status are based, without the password
// of the mail account.
type observation struct {
	now    time.Time
	center *v1alpha1.ContactCenter
	// superAdmin is the Member super-admin; nil if it does not exist.
	superAdmin *v1alpha1.Member
	// roleBindings reports whether Members get RoleBindings for their roles.
	roleBindings bool
	// counts are those of the Members; nil if the next count is due after recountDelay.
	counts       *memberCounts
	recountDelay time.Duration
	// missing are the objects in spec.defaults that do not exist.
	missing []references.Missing
	// mailProblem is the error in the mail settings; nil if they are valid.
	mailProblem *settingsError
	// settings is the hash of the mail settings, or "" if they are invalid.
	settings string
	// mailServer is the last known state of the mail server.
	mailServer mail.Health
}

// memberCounts holds the counts of the Members of a namespace.
type memberCounts struct {
	v1alpha1.MemberCounts

	// used counts the Members that hold a seat of a tier, and waiting those that wait for
	// one.
	used, waiting map[v1alpha1.LicenseTier]int32
}

// observe makes the only reads of a reconcile. It returns the mail settings separately,
// because plan and status must not see the password in them.
func (r *reconciler) observe(ctx context.Context, center *v1alpha1.ContactCenter) (observation, mail.Settings, error) {
	observed := observation{now: r.now(), center: center, roleBindings: r.roleBindings}
	var err error
	key := client.ObjectKey{Namespace: center.Namespace, Name: v1alpha1.SuperAdminMemberName}
	if observed.superAdmin, err = kube.Find[v1alpha1.Member](ctx, r.client, key); err != nil {
		return observed, mail.Settings{}, err
	}
	if observed.missing, err = references.FindMissing(ctx, r.client, center.Namespace, references.DefaultsOf(center)); err != nil {
		return observed, mail.Settings{}, err
	}
	settings, err := r.mailSettings(ctx, center)
	if problem, ok := errors.AsType[*settingsError](err); ok {
		observed.mailProblem, settings, err = problem, mail.Settings{}, nil
	}
	if err != nil {
		return observed, mail.Settings{}, err
	}
	observed.settings, observed.mailServer = settings.Hash, r.outbox.Health(center.Namespace)
	if observed.recountDelay = r.recounts.Delay(center); observed.recountDelay == 0 {
		observed.counts, err = r.countMembers(center.Namespace, observed.now)
	}
	return observed, settings, err
}

// countMembers counts the Members of a namespace.
func (r *reconciler) countMembers(namespace string, now time.Time) (*memberCounts, error) {
	counts := memberCounts{used: map[v1alpha1.LicenseTier]int32{}, waiting: map[v1alpha1.LicenseTier]int32{}}
	members, err := r.members.ByIndex(cache.NamespaceIndex, namespace)
	if err != nil {
		return nil, err
	}
	for _, item := range members {
		member, ok := item.(*v1alpha1.Member)
		if !ok {
			continue
		}
		counts.Total++
		if member.Status.Login == v1alpha1.LoginAllowed {
			counts.LoginAllowed++
		}
		if member.DeniesLogin(now) == v1alpha1.LoginReasonForcedOffline {
			counts.ForcedOffline++
		}
		if license := member.Status.License; license != nil {
			counts.used[license.Tier]++
			counts.waiting[license.Requested]++
		}
		if member.DeletionTimestamp != nil || !apimeta.IsStatusConditionTrue(member.Status.Conditions, v1alpha1.CredentialsIssuedCondition) {
			continue
		}
		switch mailReason(member) {
		case v1alpha1.ReasonPending, v1alpha1.ReasonRetrying:
			counts.MailPending++
		case v1alpha1.ReasonRejected:
			counts.MailRejected++
		}
	}
	return &counts, nil
}

// mailReason returns the reason of a Member's condition PasswordMailed.
func mailReason(member *v1alpha1.Member) string {
	if condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition); condition != nil {
		return condition.Reason
	}
	return ""
}
