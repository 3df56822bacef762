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

// post hands the letter about the current password to the outbox, or takes it
// back, as the status says that was just written. The status is the ledger: what
// it shows as mailed is never posted.
func (r *reconciler) post(ctx context.Context, observed memberplan.Observation, after *v1alpha1.Member) error {
	uid := string(after.UID)
	// What the cache shows is written down for good.
	if result := observed.Result; result != nil && memberplan.IsRecorded(&observed.Member.Status, *result) {
		r.Outbox.Acknowledge(uid, *result)
	}
	if !memberplan.WantsMail(observed, after) {
		r.Outbox.Withdraw(uid)
		return nil
	}
	issueID := after.Status.Credentials.IssueID
	if after == observed.Member && !r.Outbox.Has(uid, issueID) {
		// Nothing was written just now, so the cache alone says that the letter
		// was not sent, and it may be behind what another leader wrote.
		if err := r.lookup().ConfirmVersion(ctx, after, &v1alpha1.Member{}); err != nil {
			return err
		}
	}
	letter := mail.Delivery{
		Route: after.Namespace, Member: client.ObjectKeyFromObject(after).String(), UID: uid,
		To: after.Spec.Email, IssueID: issueID,
	}
	if ledger := after.Status.Mail; ledger != nil {
		letter.Attempts = int(ledger.Attempts)
		if ledger.NextAttemptAt != nil && ledger.Settings == observed.MailServer.Settings {
			letter.NotBefore = ledger.NextAttemptAt.Time
		}
	}
	r.Outbox.Post(letter)
	return nil
}

// ledgerDoubt is the age from which on a letter's ledger is read from the API
// server before it is sent. A process that slept, its lease lost meanwhile to
// another leader that may have sent the letter, slept for longer than this.
const ledgerDoubt = 10 * time.Second

// letterSource supplies the contents of letters. It implements mail.Source.
type letterSource struct {
	cache client.Reader
	live  client.Reader
	now   func() time.Time
	// leads is whether this process is still the one that mails.
	leads func(context.Context) (bool, error)
}

// Content reads the password from the API server, at the last moment, and only
// if it is still the one that the letter is about.
func (s letterSource) Content(ctx context.Context, letter mail.Delivery) (mail.Content, error) {
	if leads, err := s.leads(ctx); err != nil || !leads {
		return mail.Content{}, cmp.Or(err, mail.ErrWithdrawn)
	}
	member, err := s.recipient(ctx, letter)
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
		return mail.Content{}, withdrawnIfGone(err)
	}
	facts := credentials.Read(member, &secret)
	if !metav1.IsControlledBy(&secret, member) || facts.IssueID != letter.IssueID || !facts.Intact {
		return mail.Content{}, mail.ErrWithdrawn
	}
	return letterContent(center, member, string(secret.Data[corev1.BasicAuthPasswordKey])), nil
}

// recipient is the Member that a letter goes to; ErrWithdrawn if it must not.
func (s letterSource) recipient(ctx context.Context, letter mail.Delivery) (*v1alpha1.Member, error) {
	namespace, name, _ := strings.Cut(letter.Member, "/")
	reader := s.cache
	if s.now().Sub(letter.Posted) > ledgerDoubt {
		reader = s.live
	}
	member := &v1alpha1.Member{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, member); err != nil {
		return nil, withdrawnIfGone(err)
	}
	if string(member.UID) != letter.UID || member.DeniesLogin(s.now()) != "" || memberplan.IsMailed(member, letter.IssueID) {
		return nil, mail.ErrWithdrawn
	}
	return member, nil
}

// withdrawnIfGone turns the absence of an object into the end of its letter.
func withdrawnIfGone(err error) error {
	if client.IgnoreNotFound(err) == nil {
		return mail.ErrWithdrawn
	}
	return fmt.Errorf("reading what the letter says: %w", err)
}

// letterContent is what a letter to a Member says.
func letterContent(center *v1alpha1.ContactCenter, member *v1alpha1.Member, password string) mail.Content {
	localPart, _, _ := strings.Cut(member.Spec.Email, "@")
	name := cmp.Or(member.Spec.Name, localPart)
	return mail.Content{
		ContactCenter: center.Spec.DisplayName,
		LoginURL:      center.Spec.LoginURL,
		Name:          name,
		Nickname:      cmp.Or(member.Spec.Nickname, name),
		Email:         member.Spec.Email,
		Username:      member.Spec.Email,
		Password:      password,
		Locale:        string(cmp.Or(member.Spec.Locale, center.Spec.Locale, v1alpha1.LocaleEnglish)),
	}
}
