//go:build faults

package faults

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
)

func TestHostileContactCentersAndTemplatesMailSafelyOrSayWhyNot(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	o.start()
	transport, err := rest.HTTPClientFor(env.Cluster.Config)
	if err != nil {
		t.Fatal(err)
	}
	cases := generateCenters(env.stream(1))
	harmless := hostileCenter{about: "nothing odd", want: accepted, broken: accepted}
	env.setCenter(transport, len(cases), harmless)
	message, _ := env.centerMessage(len(cases), harmless)
	sample, err := parseMessage(message)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range cases {
		env.tryCenter(transport, i, h, sample)
	}
	t.Logf("%d contact centers", len(cases))
	(&load{env: env}).checkSecrecy()
	checkLogLines(t, o)
	o.stop()
}

// tryCenter makes the contact center what a case says, and sees what becomes of a
// member's message.
func (env *environment) tryCenter(transport *http.Client, number int, h hostileCenter, sample parsedMessage) {
	env.Helper()
	a := env.setCenter(transport, number, h)
	env.checkAnswer(a)
	if a.code >= 300 {
		return
	}
	message, sent := env.centerMessage(number, h)
	if !sent {
		return
	}
	if err := env.checkCenterMessageRules(message, number, h, sample); err != nil {
		env.Errorf("%s: %v", h.about, err)
	}
}

// setCenter changes the ContactCenter.
func (env *environment) setCenter(transport *http.Client, number int, h hostileCenter) answered {
	env.Helper()
	templates := fmt.Sprint("letters-", number)
	if h.templates != nil {
		text := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: templates}, Data: h.templates}
		if err := env.Create(env.Context(), text); err != nil {
			env.Fatalf("%s: %v", h.about, err)
		}
	}
	url := strings.TrimSuffix(env.Cluster.Config.Host, "/") + "/apis/rollcall.dev/v1alpha1/namespaces/" + env.Namespace +
		"/contactcenters/default?fieldValidation=Strict&fieldManager=" + controlplane.FieldManager
	request, err := http.NewRequestWithContext(env.Context(), http.MethodPatch, url, strings.NewReader(h.manifest(env.Mail.Port(), templates)))
	if err != nil {
		env.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	a, err := ask(transport, request, hostile{about: h.about, want: h.want})
	if err != nil {
		env.Fatal(err)
	}
	return a
}

// centerMessage is the message to a new member of a contact center that is what a
// case says; false if the contact center says why there is none.
func (env *environment) centerMessage(number int, h hostileCenter) (smtptest.Message, bool) {
	env.Helper()
	name := fmt.Sprintf("member-%d", number)
	ready := env.mailReady(h.about)
	env.harmlessMember(name, "")
	if ready.Status == metav1.ConditionTrue {
		if h.broken == rejected {
			env.Errorf("%s: MailReady is True, and no message can be good", h.about)
		}
		return env.messageTo(name), true
	}
	if h.broken == accepted {
		env.Errorf("%s: MailReady is False: %s %.300q", h.about, ready.Reason, ready.Message)
	}
	if ready.Message == "" || len(ready.Message) > 4096 || !utf8.ValidString(ready.Message) || strings.ContainsFunc(ready.Message, isControl) {
		env.Errorf("%s: the message of MailReady is %.600q", h.about, ready.Message)
	}
	return smtptest.Message{}, false
}

// mailReady waits until it is known whether the ContactCenter's mail works.
func (env *environment) mailReady(about string) *metav1.Condition {
	env.Helper()
	var ready *metav1.Condition
	env.Eventually(about+": MailReady is known", func() error {
		center := &v1alpha1.ContactCenter{}
		if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		ready = apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.MailReadyCondition)
		if ready == nil || ready.ObservedGeneration != center.Generation || ready.Status == metav1.ConditionUnknown {
			return fmt.Errorf("it is %+v, generation %d", ready, center.Generation)
		}
		return nil
	})
	return ready
}

// checkCenterMessageRules returns nil for a message that says what it has to, and nothing that a
// ContactCenter's fields have put into it; own templates put in what they like, but
// not into the header.
func (env *environment) checkCenterMessageRules(m smtptest.Message, number int, h hostileCenter, sample parsedMessage) error {
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: env.Namespace, Name: fmt.Sprintf("member-%d", number) + v1alpha1.CredentialsSecretSuffix}
	if err := env.Get(env.Context(), key, secret); err != nil {
		return err
	}
	word := string(secret.Data[corev1.BasicAuthPasswordKey])
	read, err := parseMessage(m)
	if err != nil {
		return err
	}
	from, err := read.header.AddressList("From")
	switch {
	case err != nil || len(from) != 1 || strings.ContainsFunc(from[0].Name, isControl):
		return fmt.Errorf("From is %q: %w", read.header.Get("From"), err)
	case h.field != "mail.from" && from[0].String() != `"Acme" <rollcall@example.com>`:
		return fmt.Errorf("From is %q", read.header.Get("From"))
	case len(m.To) != 1 || !slices.Equal(read.headers, sample.headers):
		return fmt.Errorf("the headers are %q, it is to %q", read.headers, m.To)
	case strings.ContainsFunc(m.Header("Subject"), isControl) || strings.Contains(string(m.Raw[:strings.Index(string(m.Raw), "\r\n\r\n")]), word):
		return fmt.Errorf("the Subject is %q", read.header.Get("Subject"))
	case !m.Contains(word):
		return errors.New("it does not have the Secret's password")
	case h.templates != nil:
		return nil
	case len(read.text) != len(sample.text), !slices.Contains(read.text, word), read.code != word:
		return errors.New("the password is not where it belongs")
	case !slices.Equal(read.skeleton, sample.skeleton), h.field != "loginURL" && !slices.Equal(read.links, sample.links):
		return errors.New("the page is made of other elements, or has other links")
	}
	for _, link := range read.links {
		if scheme, _, _ := strings.Cut(strings.ToLower(link), ":"); scheme != "http" && scheme != "https" {
			return fmt.Errorf("the page links to %q", link)
		}
	}
	return nil
}
