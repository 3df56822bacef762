package contactcenter

import (
	"context"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/references"
)

// observation is all that planning and status know of the world.
// The mail account's password is not in it.
type observation struct {
	now    time.Time
	center *v1alpha1.ContactCenter
	// superAdmin is the Member super-admin; nil if there is none.
	superAdmin *v1alpha1.Member
	// roleBindings is whether Members get RoleBindings for their roles.
	roleBindings bool
	// counts are of the namespace's Members; nil if they are not due until
	// countAgain has passed.
	counts     *memberCounts
	countAgain time.Duration
	// missing are the names in spec.defaults that nothing has.
	missing []references.Missing
	// mailProblem is why the mail settings cannot work; nil if they can.
	mailProblem *settingsError
	// settings is the hash of the mail settings; empty if they cannot work.
	settings string
	// mailServer is what is known of the mail server.
	mailServer mail.Health
}

// memberCounts are of the Members of a namespace.
type memberCounts struct {
	v1alpha1.MemberCounts

	// used and waiting count the Members that hold a seat of a tier, and those that
	// wait for one.
	used, waiting map[v1alpha1.LicenseTier]int32
}

// observe makes the only reads of a reconcile. It returns the mail settings
// beside the observation, because the password in them must not get into planning.
func (r *reconciler) observe(ctx context.Context, center *v1alpha1.ContactCenter) (observation, mail.Settings, error) {
	observed := observation{now: r.Now(), center: center, roleBindings: r.RoleBindings}
	var err error
	key := client.ObjectKey{Namespace: center.Namespace, Name: v1alpha1.SuperAdminMemberName}
	if observed.superAdmin, err = kube.Find[v1alpha1.Member](ctx, r.Client, key); err != nil {
		return observed, mail.Settings{}, err
	}
	if observed.missing, err = references.FindMissing(ctx, r.Client, center.Namespace, references.DefaultsOf(center)); err != nil {
		return observed, mail.Settings{}, err
	}
	resolved, err := r.resolveMail(ctx, center)
	if err != nil {
		return observed, mail.Settings{}, err
	}
	observed.mailProblem, observed.settings = resolved.problem, resolved.settings.Hash
	observed.mailServer = r.Outbox.Health(center.Namespace)
	if observed.countAgain = r.recounts.Wait(center); observed.countAgain == 0 {
		observed.counts = r.countMembers(center.Namespace, observed.now)
	}
	return observed, resolved.settings, err
}

// kube.CountMembers counts the Members of a namespace.
func (r *reconciler) countMembers(namespace string, now time.Time) *memberCounts {
	counts := memberCounts{used: map[v1alpha1.LicenseTier]int32{}, waiting: map[v1alpha1.LicenseTier]int32{}}
	for member := range r.members.of(namespace) {
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
	return &counts
}

// mailReason is the reason of a Member's condition PasswordMailed.
func mailReason(member *v1alpha1.Member) string {
	for i := range member.Status.Conditions {
		if member.Status.Conditions[i].Type == v1alpha1.PasswordMailedCondition {
			return member.Status.Conditions[i].Reason
		}
	}
	return ""
}
