package controllers

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// contactCenterStatus derives the whole status from what was observed and planned.
func contactCenterStatus(observed contactCenterObservation, plan contactCenterPlan) v1alpha1.ContactCenterStatus {
	center := observed.center
	status := *center.Status.DeepCopy()
	status.ObservedGeneration = center.Generation
	if observed.counts != nil {
		status.Members = observed.counts
	}
	now := metav1.NewTime(observed.now).Rfc3339Copy()
	mailState, mailVerdict := mailReady(observed)
	setCondition(&status.Conditions, metav1.Condition{
		Type: v1alpha1.MailReadyCondition, Status: mailState, Reason: mailVerdict.reason, Message: mailVerdict.message,
		ObservedGeneration: center.Generation, LastTransitionTime: now,
	})
	contactCenterReady(observed, plan, mailVerdict).set(&status.Conditions, v1alpha1.ReadyCondition, center.Generation, now)
	return status
}

// mailReady is whether the mail server takes letters; Unknown while it is asked.
func mailReady(observed contactCenterObservation) (metav1.ConditionStatus, verdict) {
	health := observed.mailServer
	switch {
	case observed.center.Spec.Mail == nil:
		return metav1.ConditionFalse, no(v1alpha1.ReasonMailNotConfigured, "there is no spec.mail, so no mail is sent")
	case observed.mailProblem != nil:
		return metav1.ConditionFalse, no(observed.mailProblem.reason, observed.mailProblem.message)
	case health.Settings != observed.settings || !health.Known:
		return metav1.ConditionUnknown, no(v1alpha1.ReasonChecking, "the mail server is being asked")
	case health.Failed != nil:
		return metav1.ConditionFalse, no(string(health.Failed.Stage)+"Failed", health.Failed.Error()+"; tried again by itself")
	default:
		return metav1.ConditionTrue, yes(v1alpha1.ReasonMailServerAnswered, fmt.Sprintf(
			"the mail server %s answered and accepted the sender", observed.center.Spec.Mail.SMTP.Host))
	}
}

// contactCenterReady sums up. A contact centre without mail does not wait for it.
func contactCenterReady(observed contactCenterObservation, plan contactCenterPlan, mail verdict) verdict {
	switch {
	case observed.center.DeletionTimestamp != nil:
		return no(v1alpha1.ReasonDeleting, "the ContactCenter is being deleted: members keep their passwords and login state, and nothing new is issued or mailed")
	case plan.superAdmin == disputeSuperAdmin:
		return no(v1alpha1.ReasonSuperAdminConflict, fmt.Sprintf(
			"the Member %s belongs to something else: delete it, and the operator makes its own", v1alpha1.SuperAdminMemberName))
	case plan.superAdmin == replaceSuperAdmin, observed.superAdmin == nil, observed.superAdmin.DeletionTimestamp != nil:
		return no(v1alpha1.ReasonSuperAdminPending, fmt.Sprintf("the Member %s is being made", v1alpha1.SuperAdminMemberName))
	case observed.center.Spec.Mail != nil && !mail.holds:
		return mail
	default:
		return yes(v1alpha1.ReasonReady, "the contact centre is on")
	}
}
