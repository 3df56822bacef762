package testenv

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
)

// UsernamePrefix precedes a member's e-mail address in the name at the API server,
// where the ContactCenter sets an identity.
const UsernamePrefix = "oidc:"

// ContactCenter returns a ContactCenter that sends mail to the server; nil: none.
func ContactCenter(namespace string, server *smtptest.Server) *v1alpha1.ContactCenter {
	center := &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Acme Support",
			LoginURL:    "https://desk.example.com/login",
			SuperAdmin:  v1alpha1.SuperAdmin{Name: "Sam Okafor", Email: "sam@example.com"},
		},
	}
	if server != nil {
		center.Spec.Mail = &v1alpha1.Mail{
			From: "Acme <rollcall@example.com>",
			SMTP: v1alpha1.SMTP{Host: server.Host(), Port: int32(server.Port()), TLS: v1alpha1.TLSNone}, //nolint:gosec // a port fits
		}
	}
	return center
}

// ContactCenter returns a ContactCenter that sends mail to the environment's server.
func (e *Environment) ContactCenter() *v1alpha1.ContactCenter {
	return ContactCenter(e.Namespace, e.Mail)
}

// ContactCenterWithIdentity returns a ContactCenter in which roles are permissions.
func (e *Environment) ContactCenterWithIdentity() *v1alpha1.ContactCenter {
	center := e.ContactCenter()
	center.Spec.Identity = &v1alpha1.Identity{UsernamePrefix: UsernamePrefix}
	return center
}

// Member returns a Member with an address of its own.
func (e *Environment) Member(name string, change ...func(*v1alpha1.MemberSpec)) *v1alpha1.Member {
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec:       v1alpha1.MemberSpec{Email: name + "@example.com"},
	}
	for _, mutate := range change {
		mutate(&member.Spec)
	}
	return member
}

// SkillGroup returns a SkillGroup.
func (e *Environment) SkillGroup(name string) *v1alpha1.SkillGroup {
	return &v1alpha1.SkillGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: e.Namespace, Name: name},
		Spec:       v1alpha1.SkillGroupSpec{DisplayName: name},
	}
}

// GetMember reads a Member.
func (e *Environment) GetMember(name string) *v1alpha1.Member {
	e.Helper()
	member := &v1alpha1.Member{}
	if !e.Find(name, member) {
		e.Fatalf("Member %s is not found", name)
	}
	return member
}

// Members returns all Members by name.
func (e *Environment) Members() map[string]*v1alpha1.Member {
	e.Helper()
	members, err := e.ListMembers()
	if err != nil {
		e.Fatal(err)
	}
	return members
}

// ListMembers is Members for states in which the API server may fail.
func (e *Environment) ListMembers() (map[string]*v1alpha1.Member, error) {
	var list v1alpha1.MemberList
	if err := e.List(e.Context(), &list, client.InNamespace(e.Namespace)); err != nil {
		return nil, err
	}
	found := make(map[string]*v1alpha1.Member, len(list.Items))
	for i := range list.Items {
		found[list.Items[i].Name] = &list.Items[i]
	}
	return found, nil
}

// Secret reads a Member's Secret; nil if there is none.
func (e *Environment) Secret(name string) *corev1.Secret {
	e.Helper()
	secret := &corev1.Secret{}
	if !e.Find(name+v1alpha1.CredentialsSecretSuffix, secret) {
		return nil
	}
	return secret
}

// Password returns the password in a Member's Secret.
func (e *Environment) Password(name string) string {
	e.Helper()
	secret := e.Secret(name)
	if secret == nil {
		e.Fatalf("Member %s has no Secret", name)
	}
	return string(secret.Data[corev1.BasicAuthPasswordKey])
}

// AwaitMember waits until the operator has observed a Member and the checks pass, and
// returns the Member.
func (e *Environment) AwaitMember(name string, checks ...func(*v1alpha1.Member) error) *v1alpha1.Member {
	e.Helper()
	var found *v1alpha1.Member
	e.Eventually("Member "+name, func() error {
		found = &v1alpha1.Member{}
		if err := e.Get(e.Context(), client.ObjectKey{Namespace: e.Namespace, Name: name}, found); err != nil {
			return err
		}
		if found.Status.ObservedGeneration != found.Generation {
			return fmt.Errorf("observedGeneration is %d, generation %d", found.Status.ObservedGeneration, found.Generation)
		}
		var problems []error
		for _, check := range checks {
			problems = append(problems, check(found))
		}
		return errors.Join(problems...)
	})
	CheckConditions(e.T, found.Status.Conditions, found.Generation)
	return found
}

// HasCondition returns an error unless a condition has a status and a reason.
func HasCondition(conditions []metav1.Condition, conditionType string, status metav1.ConditionStatus, reason string) error {
	condition := apimeta.FindStatusCondition(conditions, conditionType)
	if condition == nil {
		return fmt.Errorf("%s is absent", conditionType)
	}
	if condition.Status != status || condition.Reason != reason {
		return fmt.Errorf("%s is %s/%s (%s), not %s/%s", conditionType, condition.Status, condition.Reason, condition.Message, status, reason)
	}
	return nil
}

// CheckConditions checks what holds for the conditions of every object.
func CheckConditions(t *testing.T, conditions []metav1.Condition, generation int64) {
	t.Helper()
	for _, condition := range conditions {
		if condition.ObservedGeneration != generation {
			t.Errorf("%s has observedGeneration %d, not %d", condition.Type, condition.ObservedGeneration, generation)
		}
		if condition.Message == "" || condition.LastTransitionTime.IsZero() {
			t.Errorf("%s has no message or no time: %+v", condition.Type, condition)
		}
		if condition.Type == v1alpha1.StalledCondition && condition.Status != metav1.ConditionTrue {
			t.Errorf("Stalled is present and %s", condition.Status)
		}
	}
}

// Messages returns the messages that the mail server accepted for an address.
func (e *Environment) Messages(address string) []smtptest.Message {
	var found []smtptest.Message
	for _, message := range e.Mail.Messages() {
		for _, to := range message.To {
			if to == address {
				found = append(found, message)
			}
		}
	}
	return found
}

// CheckMessages checks how many messages a Member got, and that the last one has the
// password of its Secret.
func (e *Environment) CheckMessages(name string, count int) {
	e.Helper()
	messages := e.Messages(name + "@example.com")
	if len(messages) != count {
		e.Fatalf("%s got %d messages, not %d", name, len(messages), count)
	}
	if count > 0 && !messages[count-1].Contains(e.Password(name)) {
		e.Errorf("the last message to %s does not have the password of the Secret", name)
	}
}
