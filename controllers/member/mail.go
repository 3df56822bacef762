package member

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/kube"
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
		if err := r.Lookup.ConfirmVersion(ctx, after, &v1alpha1.Member{}); err != nil {
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

// liveReadAge is the age from which on a delivery's Member is read from the API server instead of
// the cache. A process that slept may have lost its lease to a leader that sent the e-mail. Such a
// sleep lasts longer than this.
const liveReadAge = 10 * time.Second

// deliverySource supplies the contents of e-mails. It implements mail.Source.
type deliverySource struct {
	cache client.Reader
	live  client.Reader
	now   func() time.Time
	// leads reports whether this process is still the leader, which alone sends e-mails.
	leads func(context.Context) (bool, error)
}

// Content implements mail.Source. It reads the password from the API server, and returns
// mail.ErrWithdrawn if it is no longer the one that the delivery is about.
func (s deliverySource) Content(ctx context.Context, delivery mail.Delivery) (mail.Content, error) {
	if leads, err := s.leads(ctx); err != nil || !leads {
		return mail.Content{}, cmp.Or(err, mail.ErrWithdrawn)
	}
	member, err := s.recipient(ctx, delivery)
	if err != nil {
		return mail.Content{}, err
	}
	center, err := kube.FindContactCenter(ctx, s.cache, member.Namespace)
	if err != nil {
		return mail.Content{}, err
	}
	if center == nil {
		return mail.Content{}, mail.ErrWithdrawn
	}
	var secret corev1.Secret
	key := client.ObjectKey{Namespace: member.Namespace, Name: member.CredentialsSecretName()}
	if err := s.live.Get(ctx, key, &secret); err != nil {
		return mail.Content{}, withdrawnIfNotFound(err)
	}
	facts := credentials.Read(member, &secret)
	if !metav1.IsControlledBy(&secret, member) || facts.IssueID != delivery.IssueID || !facts.Intact {
		return mail.Content{}, mail.ErrWithdrawn
	}
	return mailContent(center, member, string(secret.Data[corev1.BasicAuthPasswordKey])), nil
}

// recipient returns the Member that a delivery goes to, or mail.ErrWithdrawn if the Member must not
// receive it.
func (s deliverySource) recipient(ctx context.Context, delivery mail.Delivery) (*v1alpha1.Member, error) {
	namespace, name, _ := strings.Cut(delivery.Member, "/")
	reader := s.cache
	if s.now().Sub(delivery.Posted) > liveReadAge {
		reader = s.live
	}
	member := &v1alpha1.Member{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, member); err != nil {
		return nil, withdrawnIfNotFound(err)
	}
	if string(member.UID) != delivery.UID || member.DeniesLogin(s.now()) != "" || memberplan.IsMailed(member, delivery.IssueID) {
		return nil, mail.ErrWithdrawn
	}
	return member, nil
}

// withdrawnIfNotFound returns mail.ErrWithdrawn if an object does not exist.
func withdrawnIfNotFound(err error) error {
	if client.IgnoreNotFound(err) == nil {
		return mail.ErrWithdrawn
	}
	return fmt.Errorf("reading the content of the e-mail: %w", err)
}

// mailContent returns the content of an e-mail to a Member.
func mailContent(center *v1alpha1.ContactCenter, member *v1alpha1.Member, password string) mail.Content {
	return mail.Content{
		ContactCenter: center.Spec.DisplayName,
		LoginURL:      center.Spec.LoginURL,
		Name:          member.Spec.EffectiveName(),
		Nickname:      member.Spec.EffectiveNickname(),
		Email:         member.Spec.Email,
		Username:      member.Spec.Email,
		Password:      password,
		Locale:        string(cmp.Or(member.Spec.Locale, center.Spec.Locale, v1alpha1.LocaleEnglish)),
	}
}
