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
