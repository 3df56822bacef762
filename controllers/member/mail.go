package member

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/internal/memberplan"
)

// post gives the outbox the e-mail with the current password, or withdraws it, as the status says
// that was just written. An e-mail that the mail record shows as mailed is never posted.
func (r *reconciler) post(ctx context.Context, observed memberplan.Observation, after *v1alpha1.Member) error {
	uid := string(after.UID)
	// The outbox keeps a result until the cache shows it in the mail record.
	if result := observed.Result; result != nil && memberplan.IsRecorded(&observed.Member.Status, *result) {
		r.Outbox.Acknowledge(uid, *result)
	}
	if !memberplan.WantsMail(observed, after) {
		r.Outbox.Withdraw(uid)
		return nil
	}
	issueID := after.Status.Credentials.IssueID
	if after == observed.Member && !r.Outbox.Has(uid, issueID) {
		// No status was written just now, so only the cache says that the e-mail was not sent. It
		// may lack the mail record of another leader.
		if err := r.lookup().ConfirmVersion(ctx, after, &v1alpha1.Member{}); err != nil {
			return err
		}
	}
	delivery := mail.Delivery{
		Route: after.Namespace, Member: client.ObjectKeyFromObject(after).String(), UID: uid,
		To: after.Spec.Email, IssueID: issueID,
	}
	if record := after.Status.Mail; record != nil {
		delivery.Attempts = int(record.Attempts)
		if record.NextAttemptAt != nil && record.Settings == observed.MailServer.Settings {
			delivery.NotBefore = record.NextAttemptAt.Time
		}
	}
	r.Outbox.Post(delivery)
	return nil
}
