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
	d := newDesk(t, sharedCluster(t), smtptest.Options{})
	o := newOperator(t, d.account, []*desk{d})
	o.start()
	transport, err := rest.HTTPClientFor(d.plane.Config)
	if err != nil {
		t.Fatal(err)
	}
	cases := generateCenters(d.stream(1))
	harmless := hostileCenter{about: "nothing odd", want: accepted, broken: accepted}
	d.setCenter(transport, len(cases), harmless)
	message, _ := d.letterOfCenter(len(cases), harmless)
	sample, err := readLetter(message)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range cases {
		d.tryCenter(transport, i, h, sample)
	}
	t.Logf("%d contact centres", len(cases))
	(&load{desk: d}).checkSecrecy()
	checkLogLines(t, o)
	o.stop()
}

// tryCenter makes the contact centre what a case says, and sees what becomes of a
// member's letter.
func (d *desk) tryCenter(transport *http.Client, number int, h hostileCenter, sample letter) {
	d.Helper()
	a := d.setCenter(transport, number, h)
	d.checkAnswer(a)
	if a.code >= 300 {
		return
	}
	message, sent := d.letterOfCenter(number, h)
	if !sent {
		return
	}
	if err := d.rulesOfCenterLetter(message, number, h, sample); err != nil {
		d.Errorf("%s: %v", h.about, err)
	}
}

// setCenter changes the ContactCenter.
func (d *desk) setCenter(transport *http.Client, number int, h hostileCenter) answered {
	d.Helper()
	templates := fmt.Sprint("letters-", number)
	if h.templates != nil {
		text := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: d.namespace, Name: templates}, Data: h.templates}
		if err := d.admin.Create(d.Context(), text); err != nil {
			d.Fatalf("%s: %v", h.about, err)
		}
	}
	url := strings.TrimSuffix(d.plane.Config.Host, "/") + "/apis/rollcall.dev/v1alpha1/namespaces/" + d.namespace +
		"/contactcenters/default?fieldValidation=Strict&fieldManager=" + controlplane.FieldManager
	request, err := http.NewRequestWithContext(d.Context(), http.MethodPatch, url, strings.NewReader(h.manifest(d.mail.Port(), templates)))
	if err != nil {
		d.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/merge-patch+json")
	a, err := ask(transport, request, hostile{about: h.about, want: h.want})
	if err != nil {
		d.Fatal(err)
	}
	return a
}

// letterOfCenter is the letter to a new member of a contact centre that is what a
// case says; false if the contact centre says why there is none.
func (d *desk) letterOfCenter(number int, h hostileCenter) (smtptest.Message, bool) {
	d.Helper()
	name := fmt.Sprintf("member-%d", number)
	ready := d.mailReady(h.about)
	d.harmlessMember(name, "")
	if ready.Status == metav1.ConditionTrue {
		if h.broken == rejected {
			d.Errorf("%s: MailReady is True, and no letter can be good", h.about)
		}
		return d.letterTo(name), true
	}
	if h.broken == accepted {
		d.Errorf("%s: MailReady is False: %s %.300q", h.about, ready.Reason, ready.Message)
	}
	if ready.Message == "" || len(ready.Message) > 4096 || !utf8.ValidString(ready.Message) || strings.ContainsFunc(ready.Message, isControl) {
		d.Errorf("%s: the message of MailReady is %.600q", h.about, ready.Message)
	}
	return smtptest.Message{}, false
}

// mailReady waits until it is known whether the ContactCenter's mail works.
func (d *desk) mailReady(about string) *metav1.Condition {
	d.Helper()
	var ready *metav1.Condition
	d.eventually(about+": MailReady is known", func() error {
		center := &v1alpha1.ContactCenter{}
		if err := d.admin.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
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

// rulesOfCenterLetter is nil for a letter that says what it has to, and nothing that a
// ContactCenter's fields have put into it; own templates put in what they like, but
// not into the header.
func (d *desk) rulesOfCenterLetter(m smtptest.Message, number int, h hostileCenter, sample letter) error {
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: d.namespace, Name: fmt.Sprintf("member-%d", number) + v1alpha1.CredentialsSecretSuffix}
	if err := d.admin.Get(d.Context(), key, secret); err != nil {
		return err
	}
	word := string(secret.Data[corev1.BasicAuthPasswordKey])
	read, err := readLetter(m)
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
