//go:build faults

package faults

import (
	"errors"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

// suffering is a contact centre whose mail server fails.
type suffering struct {
	outage
	*desk
	load *load
}

// newSuffering opens a contact centre with a mail server that works, for now.
func newSuffering(t *testing.T, c *cluster, outage outage) *suffering {
	t.Helper()
	options := smtptest.Options{TLS: outage.tls}
	if outage.account {
		options.Username, options.Password = accountName, firstAccountPassword
	}
	s := &suffering{outage: outage, desk: newDesk(t, c, options)}
	settings := fmt.Sprintf(`"caSecretRef":{"name":%q}`, authoritySecret)
	s.create(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: authoritySecret},
		Data:       map[string][]byte{"ca.crt": s.mail.CAPEM()},
	})
	if outage.account {
		settings += fmt.Sprintf(`,"authSecretRef":{"name":%q}`, accountSecret)
		s.create(&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: accountSecret}, Type: corev1.SecretTypeBasicAuth,
			StringData: map[string]string{corev1.BasicAuthUsernameKey: accountName, corev1.BasicAuthPasswordKey: firstAccountPassword},
		})
	}
	mode := map[smtptest.TLSMode]v1alpha1.TLSMode{smtptest.None: v1alpha1.TLSNone, smtptest.StartTLS: v1alpha1.TLSStartTLS, smtptest.Implicit: v1alpha1.TLSImplicit}
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"mail":{"smtp":{"tls":%q,%s}}}}`, mode[outage.tls], settings))
	if err := s.admin.Patch(t.Context(), s.center(), patch); err != nil {
		t.Fatal(err)
	}
	return s
}

// readiness is the condition MailReady.
func (s *suffering) readiness() (*metav1.Condition, error) {
	center := &v1alpha1.ContactCenter{}
	if err := s.admin.Get(s.Context(), client.ObjectKey{Namespace: s.namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
		return nil, err
	}
	ready := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.MailReadyCondition)
	if ready == nil || ready.ObservedGeneration != center.Generation {
		return nil, errors.New("MailReady is not known yet")
	}
	return ready, nil
}

// works is nil once the ContactCenter says that its mail works.
func (s *suffering) works() error {
	ready, err := s.readiness()
	if err == nil && ready.Status != metav1.ConditionTrue {
		err = fmt.Errorf("the mail server that %s: %s: %s", s.name, ready.Reason, ready.Message)
	}
	return err
}

// delivered is nil when no letter is under way.
func (s *suffering) delivered() error {
	members, err := s.members()
	if err != nil {
		return err
	}
	for _, member := range members {
		mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
		if mailed == nil || mailed.Reason == v1alpha1.ReasonPending || mailed.Reason == v1alpha1.ReasonRetrying {
			return fmt.Errorf("the mail server that %s: %s: %+v", s.name, member.Name, mailed)
		}
	}
	return nil
}

// want asks for something for a member whom employ added.
func (s *suffering) want(name string, change func(*v1alpha1.MemberSpec), fields map[string]any) {
	s.Helper()
	p := s.load.people[name]
	change(&p.spec)
	if _, reset := fields["passwordReset"]; reset {
		p.issues++
	}
	if err := s.load.patch(s.Context(), p, fields); err != nil {
		s.Fatal(err)
	}
}

// reset asks for a new password.
func (s *suffering) reset(name, value string) {
	s.Helper()
	s.want(name, func(spec *v1alpha1.MemberSpec) { spec.PasswordReset = value }, map[string]any{"passwordReset": value})
}

// begin has the mail server fail.
func (s *suffering) begin() {
	s.Helper()
	if s.ambiguous {
		s.gaps = append(s.gaps, gap{from: time.Now(), written: s.ledgers()}) //nolint:forbidigo // to compare with when letters came
	}
	if s.passwordChanged {
		s.mail.SetCredentials(accountName, secondAccountPassword)
	}
	s.mail.SetFaults(s.faults)
	if len(s.reasons) > 0 {
		s.mail.CloseConnections() // what begins only with a new connection has to begin now
	}
	s.reset(rejectedMember, "in the outage")
}

// end has the mail server work again. Nobody touches the ContactCenter.
func (s *suffering) end() {
	s.Helper()
	s.mail.SetFaults(smtptest.Faults{})
	if s.passwordChanged {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: accountSecret}}
		patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"stringData":{"password":%q}}`, secondAccountPassword))
		if err := s.admin.Patch(s.Context(), secret, patch); err != nil {
			s.Fatal(err)
		}
	}
	if s.ambiguous {
		s.gaps[len(s.gaps)-1].to = time.Now() //nolint:forbidigo // to compare with when letters came
	}
}

// askAgain asks for another password where the letter was refused for good.
func (s *suffering) askAgain() {
	s.Helper()
	if s.mailRejected() {
		s.reset(rejectedMember, "after the outage")
	}
}

// mailRejected is whether a member's letter was refused for good.
func (s *suffering) mailRejected() bool {
	s.Helper()
	member, err := s.get(s.Context(), rejectedMember)
	if err != nil {
		s.Fatal(err)
	}
	mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
	rejected := mailed != nil && mailed.Reason == v1alpha1.ReasonRejected
	if wanted := s.faults.RcptFor != nil; rejected != wanted {
		s.Errorf("the mail server %s: %s's PasswordMailed is %+v", s.name, rejectedMember, mailed)
	}
	return rejected
}
