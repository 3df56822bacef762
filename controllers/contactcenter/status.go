package contactcenter

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/references"
)

// newStatus derives the status from what was observed, planned and applied. applyErr is the
// error of writing the Super Admin's Member.
func newStatus(observed observation, plan centerPlan, applyErr error) v1alpha1.ContactCenterStatus {
	center := observed.center
	status := *center.Status.DeepCopy()
	status.ObservedGeneration = center.Generation
	if observed.counts != nil {
		status.Members = &observed.counts.MemberCounts
	}
	status.Licenses = licensesStatus(observed)
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	mail := mailReady(observed)
	mail.Type, mail.ObservedGeneration, mail.LastTransitionTime = v1alpha1.MailReadyCondition, center.Generation, now
	conditions.Set(&status.Conditions, mail)
	readyCondition(observed, plan, applyErr, mail, status.Licenses).Set(&status.Conditions, v1alpha1.ReadyCondition, center.Generation, now)
	return status
}

// mailReady returns the condition MailReady, which is Unknown during the first check of
// the mail server.
func mailReady(observed observation) metav1.Condition {
	center, health := observed.center, observed.mailServer
	switch {
	case center.Spec.Mail == nil:
		return mailCondition(metav1.ConditionFalse, v1alpha1.ReasonMailNotConfigured, "No e-mail is sent because spec.mail is not set.")
	case observed.mailProblem != nil:
		return mailCondition(metav1.ConditionFalse, observed.mailProblem.reason, observed.mailProblem.message)
	case health.Settings != observed.settings || !health.Known:
		return mailUnknown(center)
	case health.Failed != nil:
		return mailCondition(metav1.ConditionFalse, string(health.Failed.Stage)+stageFailed, conditions.Sentence(health.Failed.Error())+" The operator tries again.")
	default:
		return mailCondition(metav1.ConditionTrue, v1alpha1.ReasonMailServerAnswered,
			fmt.Sprintf("The mail server %s answered and accepted the sender.", center.Spec.Mail.SMTP.Host))
	}
}

func mailCondition(status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Status: status, Reason: reason, Message: message}
}

// stageFailed is the suffix of reasons that name a stage of the SMTP dialog.
const stageFailed = "Failed"

// mailUnknown returns the last known state of the mail server while the next check runs,
// so that a restart of the operator neither writes a status nor raises an alert. For a
// new spec, the state is Unknown.
func mailUnknown(center *v1alpha1.ContactCenter) metav1.Condition {
	before := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.MailReadyCondition)
	if before != nil && before.ObservedGeneration == center.Generation &&
		(before.Reason == v1alpha1.ReasonMailServerAnswered || strings.HasSuffix(before.Reason, stageFailed)) {
		return *before
	}
	return mailCondition(metav1.ConditionUnknown, v1alpha1.ReasonChecking, "The mail server is being checked.")
}

// licensesStatus returns the counts of seats, or nil while the contact center has no
// licenses. It keeps the last counts until the next count is due.
func licensesStatus(observed observation) *v1alpha1.LicensesStatus {
	if observed.center.Spec.Licenses == nil {
		return nil
	}
	licenses := ptr.Deref(observed.center.Status.Licenses, v1alpha1.LicensesStatus{})
	for tier, seats := range map[v1alpha1.LicenseTier]*v1alpha1.SeatCounts{
		v1alpha1.TierStandard: &licenses.Standard, v1alpha1.TierPremium: &licenses.Premium,
	} {
		seats.Seats = observed.center.Spec.Licenses.Seats(tier)
		if observed.counts != nil {
			seats.Used, seats.Waiting = observed.counts.used[tier], observed.counts.waiting[tier]
		}
	}
	return &licenses
}

// overLicensed returns a message about the tiers with more holders than seats, or "" if
// there are none.
func overLicensed(licenses *v1alpha1.LicensesStatus) string {
	if licenses == nil {
		return ""
	}
	var exceeded []string
	for _, tier := range []struct {
		name  v1alpha1.LicenseTier
		seats v1alpha1.SeatCounts
	}{{v1alpha1.TierStandard, licenses.Standard}, {v1alpha1.TierPremium, licenses.Premium}} {
		if tier.seats.Used > tier.seats.Seats {
			exceeded = append(exceeded, fmt.Sprintf("%d members hold a %s license, but spec.licenses has %d seats", tier.seats.Used, tier.name, tier.seats.Seats))
		}
	}
	if exceeded == nil {
		return ""
	}
	return strings.Join(exceeded, ", and ") + ". No member loses a license; remove licenses from members, or raise spec.licenses."
}

// readyCondition returns the verdict of Ready. It does not depend on MailReady if
// spec.mail is not set.
func readyCondition(observed observation, plan centerPlan, applyErr error, mail metav1.Condition, licenses *v1alpha1.LicensesStatus) conditions.Verdict {
	licenseProblem := overLicensed(licenses)
	switch {
	case observed.center.DeletionTimestamp != nil:
		return conditions.False(v1alpha1.ReasonDeleting, "The ContactCenter is being deleted. Members keep their passwords and login state, and nothing new is issued or mailed.")
	case plan.superAdmin == foreignSuperAdmin:
		return conditions.False(v1alpha1.ReasonSuperAdminConflict, fmt.Sprintf(
			"The Member %s belongs to another controller. Delete it, and the operator creates its own.", v1alpha1.SuperAdminMemberName))
	case applyErr != nil:
		return conditions.False(v1alpha1.ReasonSuperAdminPending, fmt.Sprintf(
			"The Member %s could not be written, and the operator tries again: %s.", v1alpha1.SuperAdminMemberName, applyErr))
	case plan.superAdmin == replaceSuperAdmin, observed.superAdmin == nil, observed.superAdmin.DeletionTimestamp != nil:
		return conditions.False(v1alpha1.ReasonSuperAdminPending, fmt.Sprintf("The Member %s is being created.", v1alpha1.SuperAdminMemberName))
	case observed.center.Spec.Mail != nil && mail.Status != metav1.ConditionTrue:
		return conditions.False(mail.Reason, mail.Message)
	case licenseProblem != "":
		return conditions.False(v1alpha1.ReasonOverLicensed, licenseProblem)
	case len(observed.missing) > 0:
		return conditions.False(observed.missing[0].Reason, references.MissingMessage(observed.missing, "spec.defaults"))
	case observed.center.Spec.Identity != nil && !observed.roleBindings:
		return conditions.False(v1alpha1.ReasonIdentityNotSupported,
			"spec.identity has no effect because the operator runs with --role-bindings=false. Remove spec.identity, or install the operator for the whole cluster.")
	default:
		return conditions.True(v1alpha1.ReasonReady, "The contact center is ready.")
	}
}
