package operator

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/test/smtptest"
)

// mailReady wants MailReady with a status and a reason.
func mailReady(status metav1.ConditionStatus, reason string) func(*v1alpha1.ContactCenterStatus) error {
	return centerHas(v1alpha1.MailReadyCondition, status, reason)
}

var retrying = has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonRetrying)

func TestAWrongMailPasswordRejectsNoMessageAndItsRepairAloneDeliversAllMessages(t *testing.T) {
	t.Parallel()
	env := operated(t)
	server, err := smtptest.Start(smtptest.Options{TLS: smtptest.StartTLS, Username: "rollcall", Password: "the right one"})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	center := env.ContactCenter()
	center.Spec.Mail.SMTP = v1alpha1.SMTP{
		Host: server.Host(), Port: int32(server.Port()), TLS: v1alpha1.TLSStartTLS,
		AuthSecretRef: &v1alpha1.ObjectReference{Name: "smtp-auth"}, CASecretRef: &v1alpha1.ObjectReference{Name: "smtp-ca"},
	}
	auth := &corev1.Secret{
		ObjectMeta: env.meta("smtp-auth"), Type: corev1.SecretTypeBasicAuth,
		Data: map[string][]byte{"username": []byte("rollcall"), "password": []byte("the wrong one")},
	}
	authority := &corev1.Secret{
		ObjectMeta: env.meta("smtp-ca"),
		Data:       map[string][]byte{"ca.crt": server.CAPEM()},
	}
	env.CreateAll(center)
	env.awaitCenter(mailReady(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound))
	env.CreateAll(auth)
	env.awaitCenter(mailReady(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound))
	env.CreateAll(authority)
	env.awaitCenter(mailReady(metav1.ConditionFalse, "AuthenticationFailed"))
	const count = 10
	names := env.addMembers(count)
	env.awaitMembers(names, retrying, has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionTrue, v1alpha1.ReasonIssued))
	if got := len(server.Messages()); got != 0 {
		t.Fatalf("there are %d messages", got)
	}
	change(env, auth, func(s *corev1.Secret) { s.Data["password"] = []byte("the right one") })
	env.awaitMembers(names, ready)
	env.awaitCenter(mailReady(metav1.ConditionTrue, v1alpha1.ReasonMailServerAnswered))
	if got := len(server.Messages()); got != count+1 {
		t.Errorf("there are %d messages, not %d", got, count+1)
	}
}

func TestAResetDuringAnOutageEndsWithTheNewestPasswordMailedAndNoOlderOne(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]smtptest.Faults{
		"refused":       {RefuseConnections: true},
		"hanging":       {HangAfterConnect: true},
		"unavailable":   {Greeting: 421},
		"sender":        {MailFrom: &smtp.SMTPError{Code: 550, Message: "not you"}},
		"later, please": {Rcpt: &smtp.SMTPError{Code: 451, Message: "greylisted"}},
		"cut":           {CutInData: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, ana := withAna(t)
			env.Mail.SetFaults(faults)
			env.Mail.CloseConnections()
			passwords := []string{env.Password("ana")}
			for i := range 3 {
				change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = fmt.Sprint(i) })
				env.AwaitMember("ana", issue(int64(i+2)), retrying, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
				passwords = append(passwords, env.Password("ana"))
			}
			env.Mail.SetFaults(smtptest.Faults{})
			env.AwaitMember("ana", ready, issue(4))
			env.awaitQuiet()
			env.CheckMessages("ana", 2)
			for _, message := range env.Messages("ana@example.com")[1:] {
				for _, old := range passwords[:len(passwords)-1] {
					if message.Contains(old) {
						t.Error("an old password was mailed after the reset")
					}
				}
			}
		})
	}
}

func TestMailReadyNamesTheStageThatFailed(t *testing.T) {
	t.Parallel()
	for reason, faults := range map[string]smtptest.Faults{
		"ConnectFailed":   {}, // the server is closed
		"GreetingFailed":  {Greeting: 554},
		"SenderFailed":    {MailFrom: &smtp.SMTPError{Code: 553, Message: "sender address rejected"}},
		"RecipientFailed": {Rcpt: &smtp.SMTPError{Code: 450, Message: "try later"}},
		"DataFailed":      {EndOfData: &smtp.SMTPError{Code: 452, Message: "disk full"}},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			env := operated(t)
			env.Mail.SetFaults(faults)
			if reason == "ConnectFailed" {
				if err := env.Mail.Close(); err != nil {
					t.Fatal(err)
				}
			}
			env.CreateAll(env.ContactCenter(), env.Member("ana"))
			env.awaitCenter(mailReady(metav1.ConditionFalse, reason), centerHas(v1alpha1.ReadyCondition, metav1.ConditionFalse, reason))
			env.AwaitMember("ana", retrying, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
			if reason == "ConnectFailed" {
				return
			}
			env.Mail.SetFaults(smtptest.Faults{})
			env.AwaitMember("ana", ready)
			env.awaitCenter(mailReady(metav1.ConditionTrue, v1alpha1.ReasonMailServerAnswered))
			env.CheckMessages("ana", 1)
		})
	}
}

func TestARejectedMessageIsRetriedOnceForNewSettingsAndOnAReset(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]smtptest.Faults{
		"at RCPT":        {RcptFor: map[string]*smtp.SMTPError{"ana@example.com": {Code: 550, Message: "no such user"}}},
		"at end of DATA": {EndOfData: &smtp.SMTPError{Code: 554, Message: "looks like spam"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := operated(t)
			env.Mail.SetFaults(faults)
			center, ana := env.ContactCenter(), env.Member("ana")
			env.CreateAll(center, ana)
			rejected := func(attempts int32) {
				t.Helper()
				env.AwaitMember("ana", has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonRejected),
					has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonRejected),
					has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonRejected),
					login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
					func(m *v1alpha1.Member) error {
						if m.Status.Mail == nil || m.Status.Mail.Attempts != attempts || m.Status.Mail.LastError == "" {
							return fmt.Errorf("mail is %+v", m.Status.Mail)
						}
						return nil
					})
			}
			rejected(1)
			env.awaitCenter(mailReady(metav1.ConditionTrue, v1alpha1.ReasonMailServerAnswered), func(status *v1alpha1.ContactCenterStatus) error {
				if status.Members == nil || status.Members.MailRejected == 0 {
					return fmt.Errorf("counts are %+v", status.Members)
				}
				return nil
			})
			// A restart tries nothing again.
			env.stopOperator()
			env.operate()
			env.CreateAll(env.Member("wei"))
			env.AwaitMember("wei", issue(1))
			env.awaitQuiet()
			rejected(1)
			// New settings try once.
			change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Mail.ReplyTo = "help@example.com" })
			rejected(2)
			env.Mail.SetFaults(smtptest.Faults{})
			env.awaitQuiet()
			rejected(2)
			// Mail taken away and given back is not new settings.
			var settings *v1alpha1.Mail
			change(env, center, func(c *v1alpha1.ContactCenter) { settings, c.Spec.Mail = c.Spec.Mail, nil })
			env.AwaitMember("ana", has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonMailNotConfigured))
			change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Mail = settings })
			rejected(2)
			env.awaitQuiet()
			rejected(2)
			change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
			env.AwaitMember("ana", ready, issue(2))
			env.CheckMessages("ana", 1)
			env.checkEvents("ana", map[string]int{"MailRejected": 2, "PasswordReset": 1})
		})
	}
}

func TestAContactCenterWithoutMailIsReadyAndMailsWhenMailIsAdded(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	settings := center.Spec.Mail
	center.Spec.Mail = nil
	env.CreateAll(center, env.Member("ana"))
	env.AwaitMember("ana", has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady),
		has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonMailNotConfigured),
		login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
	env.awaitCenter(centerReady)
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Mail = settings })
	env.AwaitMember("ana", ready, issue(1))
	env.CheckMessages("ana", 1)
}

func TestAMailServerThatHangsDelaysNoCutOffAndNoOtherContactCentersMail(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]smtptest.Faults{
		"after CONNECT": {HangAfterConnect: true},
		"after DATA":    {HangAfterData: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stuck, other := newEnvironment(t), newEnvironment(t)
			stuck.Mail.SetFaults(faults)
			stuck.OperatorOptions.MailTimeouts = mail.Timeouts{Connect: time.Minute, Reply: time.Minute, EndOfData: time.Minute}
			const limit = 30 * time.Second // a busy machine may be slow, but not as slow as the mail server
			stuck.StartOperator(stuck.Cluster.Operator, stuck.Namespace, other.Namespace)
			stuck.CreateAll(stuck.ContactCenter())
			const count = 30
			names := stuck.addMembers(count)
			stuck.awaitMembers(names, issue(1))
			begun := time.Now() //nolint:forbidigo // measures the product
			other.CreateAll(other.ContactCenter(), other.Member("ana"))
			other.AwaitMember("ana", ready)
			if took := time.Since(begun); took > limit { //nolint:forbidigo // as above
				t.Errorf("the other contact center's mail took %s", took)
			}
			begun = time.Now() //nolint:forbidigo // as above
			for _, name := range names {
				change(stuck, stuck.Member(name), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
			}
			stuck.awaitMembers(names, login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline))
			if took := time.Since(begun); took > limit { //nolint:forbidigo // as above
				t.Errorf("cutting off %d members took %s", count, took)
			}
			stuck.Mail.SetFaults(smtptest.Faults{}) // or stopping would wait for it too
		})
	}
}

func TestOwnTemplatesAreUsedAndABrokenOneSendsNothing(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	center.Spec.Mail.Templates = &v1alpha1.Templates{ConfigMapRef: v1alpha1.ObjectReference{Name: "letters"}}
	env.CreateAll(center, env.Member("ana"))
	env.awaitCenter(mailReady(metav1.ConditionFalse, v1alpha1.ReasonConfigMapNotFound))
	letters := &corev1.ConfigMap{
		ObjectMeta: env.meta("letters"),
		Data:       map[string]string{"text": "Hello {{.Name}},\nyour login:\n{{.Passwort}}\n"},
	}
	env.CreateAll(letters)
	broken := env.awaitCenter(mailReady(metav1.ConditionFalse, v1alpha1.ReasonTemplateInvalid))
	for _, condition := range broken.Status.Conditions {
		if condition.Type == v1alpha1.MailReadyCondition && (!strings.Contains(condition.Message, "line 3") || !strings.Contains(condition.Message, "Passwort")) {
			t.Errorf("the message does not name line and field: %s", condition.Message)
		}
	}
	env.AwaitMember("ana", issue(1), has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonPending))
	env.awaitQuiet()
	env.CheckMessages("ana", 0)
	change(env, letters, func(c *corev1.ConfigMap) {
		c.Data["text"] = "Hello {{.Name}},\nyour login:\n{{.Password}}\n"
		c.Data["subject.fr"] = "Bonjour {{.Name}}"
	})
	env.AwaitMember("ana", ready)
	env.CheckMessages("ana", 1)
	if text := env.Messages("ana@example.com")[0].Text(); !strings.HasPrefix(text, "Hello ana,") {
		t.Errorf("the message is %d characters of something else", len(text))
	}
	french := env.Member("zoe")
	french.Spec.Locale, french.Spec.Name = v1alpha1.LocaleFrench, "Zoé"
	env.CreateAll(french)
	env.AwaitMember("zoe", ready)
	env.CheckMessages("zoe", 1)
	if subject := env.Messages("zoe@example.com")[0].Header("Subject"); subject != "Bonjour Zoé" {
		t.Errorf("the subject is %q", subject)
	}
}

func TestAMembersSecretIsNotUsedAsTheMailAccount(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center, env.Member("ana"))
	env.AwaitMember("ana", ready)
	for _, reference := range []func(*v1alpha1.SMTP, *v1alpha1.ObjectReference){
		func(s *v1alpha1.SMTP, r *v1alpha1.ObjectReference) { s.AuthSecretRef, s.CASecretRef = r, nil },
		func(s *v1alpha1.SMTP, r *v1alpha1.ObjectReference) { s.AuthSecretRef, s.CASecretRef = nil, r },
	} {
		change(env, center, func(c *v1alpha1.ContactCenter) {
			reference(&c.Spec.Mail.SMTP, &v1alpha1.ObjectReference{Name: "ana" + v1alpha1.CredentialsSecretSuffix})
		})
		env.awaitCenter(mailReady(metav1.ConditionFalse, v1alpha1.ReasonSecretNotAllowed))
	}
}

func TestWhatAMemberTypesChangesNeitherHeadersNorMarkup(t *testing.T) {
	t.Parallel()
	env := operated(t)
	ana := env.Member("ana")
	ana.Spec.Name = `<b onclick="x">{{.Password}}</b> =?utf-8?q?x?=`
	ana.Spec.Nickname = "{{.Password}} Bcc: eve@x.io"
	env.CreateAll(env.ContactCenter(), ana)
	env.AwaitMember("ana", ready)
	env.CheckMessages("ana", 1)
	message := env.Messages("ana@example.com")[0]
	if len(message.To) != 1 || message.Header("Bcc") != "" {
		t.Errorf("the message went to %v, Bcc %q", message.To, message.Header("Bcc"))
	}
	if strings.Contains(message.HTML(), "<b onclick") || strings.Count(message.HTML(), env.Password("ana")) != 1 {
		t.Error("the name has become markup or template")
	}
}

func TestTheResultOfTheLastMessageIsRecordedWhenTheOperatorStops(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)
	env.Mail.SetFaults(smtptest.Faults{Delay: 2 * time.Second})
	env.CreateAll(env.Member("ana"))
	env.Eventually("the message is under way", func() error {
		if env.Mail.Attempts() < 3 { // the check of the server, the Super Admin, ana
			return errors.New("it is not")
		}
		return nil
	})
	env.stopOperator()
	if err := ready(env.GetMember("ana")); err != nil {
		t.Error(err)
	}
	env.Mail.SetFaults(smtptest.Faults{})
	env.operate()
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	env.awaitQuiet()
	env.CheckMessages("ana", 1)
}

func TestNoPasswordIsInAnyLogEventOrStatus(t *testing.T) {
	t.Parallel()
	env := operated(t)
	var passwords []string
	ana := env.Member("ana")
	env.CreateAll(env.ContactCenter(), ana)
	env.AwaitMember("ana", ready)
	passwords = append(passwords, env.Password("ana"))
	env.Mail.SetFaults(smtptest.Faults{EndOfData: &smtp.SMTPError{Code: 451, Message: "later"}})
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
	env.AwaitMember("ana", issue(2), retrying)
	passwords = append(passwords, env.Password("ana"))
	change(env, env.Secret("ana"), func(s *corev1.Secret) { s.Data["password"] = []byte("edited by somebody") })
	env.AwaitMember("ana", issue(3))
	passwords = append(passwords, env.Password("ana"), "edited by somebody")
	env.checkEvents("ana", map[string]int{"PasswordReset": 1, "CredentialsRepaired": 1})

	var members v1alpha1.MemberList
	var centers v1alpha1.ContactCenterList
	var events corev1.EventList
	seen := env.OperatorLog.String()
	for _, list := range []client.ObjectList{&members, &centers, &events} {
		if err := env.List(t.Context(), list, client.InNamespace(env.Namespace)); err != nil {
			t.Fatal(err)
		}
		seen += fmt.Sprintf("%+v", list)
	}
	encoded, err := env.asJSON()
	if err != nil {
		t.Fatal(err)
	}
	seen += encoded
	for i, password := range passwords {
		if strings.Contains(seen, password) {
			t.Errorf("password %d is in a log, an event or a status", i+1)
		}
	}
}
