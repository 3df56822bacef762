//go:build faults

package faults

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

func TestHostileManifestsAreRefusedClearlyOrMailedSafely(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t, shared.Cluster(t), smtptest.Options{})
	o := newOperator(t, env.Cluster.Operator, []*environment{env})
	o.start()
	samples := env.harmlessMessages()
	answers := env.submitAll(generateHostile(env.stream(1)))
	members := map[string]string{} // what they are about, by name
	for _, a := range answers {
		env.checkAnswer(a)
		if a.stored != "" && a.resource == "members" {
			members[a.stored] = a.about
		}
	}
	t.Logf("%d manifests, %d of them Members that were accepted", len(answers), len(members))
	env.Eventually("all accepted Members are settled", func() error { return env.settledHostile(members) })
	env.checkHostileMessages(members, samples)
	env.checkKubectlTable(members)
	env.checkPlugin(members)
	env.checkQuiet(o)
	(&load{env: env}).checkSecrecy()
	checkLogLines(t, o)
	env.harmlessMember("after-all-of-them", "en")
	env.messageTo("after-all-of-them")
	o.stop()
}

// harmlessMember adds a Member with nothing odd about it.
func (env *environment) harmlessMember(name string, locale v1alpha1.Locale) {
	env.Helper()
	env.CreateAll(&v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name},
		Spec:       v1alpha1.MemberSpec{Name: "Ana Silva", Email: name + "@example.com", Locale: locale},
	})
}

// harmlessMessages are messages in each language to members with nothing odd about
// them, to compare the others with.
func (env *environment) harmlessMessages() map[string]parsedMessage {
	env.Helper()
	found := map[string]parsedMessage{}
	for _, locale := range []v1alpha1.Locale{v1alpha1.LocaleEnglish, v1alpha1.LocaleFrench, v1alpha1.LocaleIndonesian, v1alpha1.LocaleChinese} {
		name := "harmless-" + strings.ToLower(string(locale))
		env.harmlessMember(name, locale)
		read, err := parseMessage(env.messageTo(name))
		if err != nil {
			env.Fatal(err)
		}
		found[string(locale)] = read
	}
	return found
}

// messageTo waits for the message to a harmless member.
func (env *environment) messageTo(name string) smtptest.Message {
	env.Helper()
	var found smtptest.Message
	env.Eventually("the message to "+name, func() error {
		messages := env.Mail.Messages()
		at := slices.IndexFunc(messages, func(m smtptest.Message) bool { return slices.Contains(m.To, name+"@example.com") })
		if at < 0 {
			return errors.New("it has not come")
		}
		found = messages[at]
		return nil
	})
	return found
}

// settledHostile is nil when all Members are served that were accepted.
func (env *environment) settledHostile(about map[string]string) error {
	members, err := env.ListMembers()
	if err != nil {
		return err
	}
	secrets := &corev1.SecretList{}
	if err := env.List(env.Context(), secrets, client.InNamespace(env.Namespace)); err != nil {
		return err
	}
	var problems []error
	for name, what := range about {
		member := members[name]
		if member == nil {
			return fmt.Errorf("%s (%s) is gone", name, what)
		}
		if err := env.checkServed(member, secrets.Items); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", what, err))
		}
	}
	return errors.Join(problems...)
}

// checkServed returns nil for a Member that has what its spec asks for, as far as it can have it.
func (env *environment) checkServed(member *v1alpha1.Member, secrets []corev1.Secret) error {
	status := member.Status
	if status.ObservedGeneration != member.Generation || apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition) == nil {
		return fmt.Errorf("%s: observedGeneration is %d, generation %d", member.Name, status.ObservedGeneration, member.Generation)
	}
	if status.LoginReason == v1alpha1.LoginReasonDuplicate {
		return nil
	}
	if err := env.holdsOneSecret(member, secrets); err != nil {
		return err
	}
	denied := member.DeniesLogin(time.Now()) != "" //nolint:forbidigo // the operator's clock is the machine's
	switch {
	case denied != (status.Login == v1alpha1.LoginDenied):
		return fmt.Errorf("%s: login is %s (%s)", member.Name, status.Login, status.LoginReason)
	case !denied && (status.Mail == nil || status.Mail.IssueID != status.Credentials.IssueID):
		return fmt.Errorf("%s: the mail record is %+v, %+v", member.Name, status.Mail, apimeta.FindStatusCondition(status.Conditions, v1alpha1.PasswordMailedCondition))
	}
	return nil
}
