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
	"rollcall.dev/rollcall/test/testenv"
)

// outageEnvironment is a contact center whose mail server fails.
type outageEnvironment struct {
	outage
	*environment
	load *load
}

// newOutageEnvironment opens a contact center with a mail server that works, for now.
func newOutageEnvironment(t *testing.T, c *testenv.Cluster, outage outage) *outageEnvironment {
	t.Helper()
	options := smtptest.Options{TLS: outage.tls}
	if outage.account {
		options.Username, options.Password = accountName, firstAccountPassword
	}
	env := &outageEnvironment{outage: outage, environment: newEnvironment(t, c, options)}
	settings := fmt.Sprintf(`"caSecretRef":{"name":%q}`, authoritySecret)
	env.CreateAll(&corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: authoritySecret},
		Data:       map[string][]byte{"ca.crt": env.Mail.CAPEM()},
	})
	if outage.account {
		settings += fmt.Sprintf(`,"authSecretRef":{"name":%q}`, accountSecret)
		env.CreateAll(&corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: accountSecret}, Type: corev1.SecretTypeBasicAuth,
			StringData: map[string]string{corev1.BasicAuthUsernameKey: accountName, corev1.BasicAuthPasswordKey: firstAccountPassword},
		})
	}
	mode := map[smtptest.TLSMode]v1alpha1.TLSMode{smtptest.None: v1alpha1.TLSNone, smtptest.StartTLS: v1alpha1.TLSStartTLS, smtptest.Implicit: v1alpha1.TLSImplicit}
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"mail":{"smtp":{"tls":%q,%s}}}}`, mode[outage.tls], settings))
	if err := env.Patch(t.Context(), env.ContactCenterWithIdentity(), patch); err != nil {
		t.Fatal(err)
	}
	return env
}

// readiness is the condition MailReady.
func (env *outageEnvironment) readiness() (*metav1.Condition, error) {
	center := &v1alpha1.ContactCenter{}
	if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
		return nil, err
	}
	ready := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.MailReadyCondition)
	if ready == nil || ready.ObservedGeneration != center.Generation {
		return nil, errors.New("MailReady is not known yet")
	}
	return ready, nil
}

// works is nil once the ContactCenter says that its mail works.
func (env *outageEnvironment) works() error {
	ready, err := env.readiness()
	if err == nil && ready.Status != metav1.ConditionTrue {
		err = fmt.Errorf("the mail server that %s: %s: %s", env.name, ready.Reason, ready.Message)
	}
	return err
}

// delivered is nil when no message is under way.
func (env *outageEnvironment) delivered() error {
	members, err := env.ListMembers()
	if err != nil {
		return err
	}
	for _, member := range members {
		mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
		if mailed == nil || mailed.Reason == v1alpha1.ReasonPending || mailed.Reason == v1alpha1.ReasonRetrying {
			return fmt.Errorf("the mail server that %s: %s: %+v", env.name, member.Name, mailed)
		}
	}
	return nil
}

// want asks for something for a member whom addMember added.
func (env *outageEnvironment) want(name string, change func(*v1alpha1.MemberSpec), fields map[string]any) {
	env.Helper()
	p := env.load.members[name]
	change(&p.spec)
	if _, reset := fields["passwordReset"]; reset {
		p.issues++
	}
	if err := env.load.patch(env.Context(), p, fields); err != nil {
		env.Fatal(err)
	}
}

// reset asks for a new password.
func (env *outageEnvironment) reset(name, value string) {
	env.Helper()
	env.want(name, func(spec *v1alpha1.MemberSpec) { spec.PasswordReset = value }, map[string]any{"passwordReset": value})
}

// begin has the mail server fail.
func (env *outageEnvironment) begin() {
	env.Helper()
	if env.ambiguous {
		env.gaps = append(env.gaps, gap{from: time.Now(), written: env.acceptedIssues()}) //nolint:forbidigo // to compare with when letters came
	}
	if env.passwordChanged {
		env.Mail.SetCredentials(accountName, secondAccountPassword)
	}
	env.Mail.SetFaults(env.faults)
	if len(env.reasons) > 0 {
		env.Mail.CloseConnections() // what begins only with a new connection has to begin now
	}
	env.reset(rejectedMember, "in the outage")
}

// end makes the mail server work again. The ContactCenter does not change.
func (env *outageEnvironment) end() {
	env.Helper()
	env.Mail.SetFaults(smtptest.Faults{})
	if env.passwordChanged {
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: accountSecret}}
		patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"stringData":{"password":%q}}`, secondAccountPassword))
		if err := env.Patch(env.Context(), secret, patch); err != nil {
			env.Fatal(err)
		}
	}
	if env.ambiguous {
		env.gaps[len(env.gaps)-1].to = time.Now() //nolint:forbidigo // to compare with when letters came
	}
}

// resetAgain asks for another password where the message was refused for good.
func (env *outageEnvironment) resetAgain() {
	env.Helper()
	if env.mailRejected() {
		env.reset(rejectedMember, "after the outage")
	}
}

// mailRejected reports whether a member's message was refused for good.
func (env *outageEnvironment) mailRejected() bool {
	env.Helper()
	member, err := env.getMember(env.Context(), rejectedMember)
	if err != nil {
		env.Fatal(err)
	}
	mailed := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PasswordMailedCondition)
	rejected := mailed != nil && mailed.Reason == v1alpha1.ReasonRejected
	if wanted := env.faults.RcptFor != nil; rejected != wanted {
		env.Errorf("the mail server %s: %s's PasswordMailed is %+v", env.name, rejectedMember, mailed)
	}
	return rejected
}
