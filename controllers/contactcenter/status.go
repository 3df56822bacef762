package contactcenter

import (
	"fmt"
	"strings"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/references"
)

// writeOutcome is how a reconcile went.
type writeOutcome struct {
	// problem is what kept the Super Admin's Member from being written, for
	// people; empty if nothing did.
	problem string
}

// newStatus derives the whole status from what was observed and planned.
func newStatus(observed observation, plan centerPlan, outcome writeOutcome) v1alpha1.ContactCenterStatus {
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
	readyCondition(observed, plan, outcome, mail, status.Licenses).Set(&status.Conditions, v1alpha1.ReadyCondition, center.Generation, now)
	return status
}

// mailReady is whether the mail server takes letters; Unknown while it is asked.
func mailReady(observed observation) metav1.Condition {
	center, health := observed.center, observed.mailServer
	switch {
	case center.Spec.Mail == nil:
		return metav1.Condition{
			Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonMailNotConfigured, Message: "there is no spec.mail, so no mail is sent",
		}
	case observed.mailProblem != nil:
		return metav1.Condition{Status: metav1.ConditionFalse, Reason: observed.mailProblem.reason, Message: observed.mailProblem.message}
	case health.Settings != observed.settings || !health.Known:
		return mailUnknown(center)
	case health.Failed != nil:
		return metav1.Condition{
			Status: metav1.ConditionFalse, Reason: string(health.Failed.Stage) + stageFailed, Message: health.Failed.Error() + "; tried again by itself",
		}
	default:
		return metav1.Condition{
			Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonMailServerAnswered,
			Message: fmt.Sprintf("the mail server %s answered and accepted the sender", center.Spec.Mail.SMTP.Host),
		}
	}
}

// stageFailed ends the reasons that name a stage of talking to the mail server.
const stageFailed = "Failed"

// mailUnknown says what was last known of the mail server while it is asked
// anew, so that a restart of the operator writes nothing and alarms nobody. Of a
// new spec nothing is known.
func mailUnknown(center *v1alpha1.ContactCenter) metav1.Condition {
	before := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.MailReadyCondition)
	if before != nil && before.ObservedGeneration == center.Generation &&
		(before.Reason == v1alpha1.ReasonMailServerAnswered || strings.HasSuffix(before.Reason, stageFailed)) {
		return *before
	}
	return metav1.Condition{Status: metav1.ConditionUnknown, Reason: v1alpha1.ReasonChecking, Message: "the mail server is being asked"}
}

// licensesStatus counts the seats; nil while the contact centre has no licences. While
// conditions.False new count is due, the last one stays.
func licensesStatus(observed observation) *v1alpha1.LicensesStatus {
	if observed.center.Spec.Licenses == nil {
		return nil
	}
	licenses := v1alpha1.LicensesStatus{}
	if before := observed.center.Status.Licenses; before != nil {
		licenses = *before
	}
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

// overLicensed says which seats are used by more Members than there are; empty for
// none.
func overLicensed(licenses *v1alpha1.LicensesStatus) string {
	if licenses == nil {
		return ""
	}
	var problems []string
	for _, tier := range []struct {
		name  v1alpha1.LicenseTier
		seats v1alpha1.SeatCounts
	}{{v1alpha1.TierStandard, licenses.Standard}, {v1alpha1.TierPremium, licenses.Premium}} {
		if tier.seats.Used > tier.seats.Seats {
			problems = append(problems, fmt.Sprintf("of %d %s seats, %d are held", tier.seats.Seats, tier.name, tier.seats.Used))
		}
	}
	if problems == nil {
		return ""
	}
	return strings.Join(problems, ", and ") + ": nobody loses one; take licences from members, or raise spec.licenses"
}

// readyCondition sums up. A contact centre without mail does not wait for it.
func readyCondition(observed observation, plan centerPlan, outcome writeOutcome, mail metav1.Condition, licenses *v1alpha1.LicensesStatus) conditions.Verdict {
	tooMany := overLicensed(licenses)
	switch {
	case observed.center.DeletionTimestamp != nil:
		return conditions.False(v1alpha1.ReasonDeleting, "the ContactCenter is being deleted: members keep their passwords and login state, and nothing new is issued or mailed")
	case plan.superAdmin == disputeSuperAdmin:
		return conditions.False(v1alpha1.ReasonSuperAdminConflict, fmt.Sprintf(
			"the Member %s belongs to something else: delete it, and the operator makes its own", v1alpha1.SuperAdminMemberName))
	case outcome.problem != "":
		return conditions.False(v1alpha1.ReasonSuperAdminPending, fmt.Sprintf(
			"the Member %s could not be written, and is tried again: %s", v1alpha1.SuperAdminMemberName, outcome.problem))
	case plan.superAdmin == replaceSuperAdmin, observed.superAdmin == nil, observed.superAdmin.DeletionTimestamp != nil:
		return conditions.False(v1alpha1.ReasonSuperAdminPending, fmt.Sprintf("the Member %s is being made", v1alpha1.SuperAdminMemberName))
	case observed.center.Spec.Mail != nil && mail.Status != metav1.ConditionTrue:
		return conditions.False(mail.Reason, mail.Message)
	case tooMany != "":
		return conditions.False(v1alpha1.ReasonOverLicensed, tooMany)
	case len(observed.missing) > 0:
		return conditions.False(observed.missing[0].Reason, references.MissingMessage(observed.missing, "spec.defaults"))
	case observed.center.Spec.Identity != nil && !observed.roleBindings:
		return conditions.False(v1alpha1.ReasonIdentityNotSupported,
			"spec.identity has no effect, since the operator runs with --role-bindings=false: take spec.identity out, or install the operator for the whole cluster")
	default:
		return conditions.True(v1alpha1.ReasonReady, "the contact centre is on")
	}
}
