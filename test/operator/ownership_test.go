package operator

import (
	"bytes"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
)

// pastPassword is the password in a Secret that was there before.
const pastPassword = "a password of the past"

// credentials are a Secret as the operator makes it for a Member, without an owner.
func (env *environment) credentials(name string) *corev1.Secret {
	email := name + "@example.com"
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: env.Namespace, Name: name + v1alpha1.CredentialsSecretSuffix,
			Labels: map[string]string{v1alpha1.ManagedByLabel: "rollcall", v1alpha1.MemberLabel: name},
			Annotations: map[string]string{
				v1alpha1.IssueIDAnnotation: "0123456789abcdef0123456789abcdef", v1alpha1.IssueAnnotation: "7",
				v1alpha1.PasswordResetAnnotation: "last year",
				v1alpha1.ChecksumAnnotation:      password.Checksum("0123456789abcdef0123456789abcdef", email, pastPassword),
			},
		},
		Type: corev1.SecretTypeBasicAuth,
		Data: map[string][]byte{"username": []byte(email), "password": []byte(pastPassword)},
	}
}

func TestAForeignSecretStaysByteForByte(t *testing.T) {
	t.Parallel()
	env := operated(t)
	owner := &corev1.ConfigMap{ObjectMeta: env.meta("owner")}
	env.CreateAll(env.ContactCenter(), owner)
	secrets := map[string]*corev1.Secret{}
	for name, foreign := range map[string]func(*corev1.Secret){
		"without-labels":        func(s *corev1.Secret) { s.Labels = nil },
		"without-our-labels":    func(s *corev1.Secret) { s.Labels = map[string]string{"app": "billing"} },
		"another-type":          func(s *corev1.Secret) { s.Labels, s.Type = nil, corev1.SecretTypeOpaque },
		"our-labels-but-edited": func(s *corev1.Secret) { s.Data["password"] = []byte("edited after the backup") },
		"another-user":          func(s *corev1.Secret) { s.Data["username"] = []byte("eve@example.com") },
		"another-owner": func(s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, corev1.SchemeGroupVersion.WithKind("ConfigMap"))}
		},
	} {
		secrets[name] = env.credentials(name)
		foreign(secrets[name])
		env.CreateAll(secrets[name], env.Member(name))
	}
	for name := range secrets {
		env.AwaitMember(name,
			has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict),
			has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict),
			has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonSecretConflict),
			login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued))
		env.checkEvents(name, map[string]int{"SecretConflict": 1})
	}
	env.awaitQuiet()
	for name, secret := range secrets {
		now := env.Secret(name)
		if now.ResourceVersion != secret.ResourceVersion || !equality.Semantic.DeepEqual(now.Data, secret.Data) {
			t.Errorf("the Secret of %s was touched", name)
		}
		env.CheckMessages(name, 0)
	}
}

func TestAPasswordThatComesBackFromABackupIsKeptAndNotMailed(t *testing.T) {
	t.Parallel()
	env := operated(t)
	member := env.Member("ana")
	member.Spec.PasswordReset = "last year" // handled in its former life
	secret := env.credentials("ana")
	secret.Annotations[corev1.LastAppliedConfigAnnotation] = pastPassword // from a plain kubectl apply
	env.CreateAll(secret, member)
	check := func() {
		t.Helper()
		env.AwaitMember("ana", has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady), issue(7),
			has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonAdopted),
			login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
		if !bytes.Equal(env.Secret("ana").Data["password"], []byte(pastPassword)) || !metav1.IsControlledBy(env.Secret("ana"), env.GetMember("ana")) {
			t.Error("the Secret has another password or no owner")
		}
		if _, repeated := env.Secret("ana").Annotations[corev1.LastAppliedConfigAnnotation]; repeated {
			t.Error("an annotation repeats the password")
		}
		env.CheckMessages("ana", 0)
	}
	env.CreateAll(env.ContactCenter())
	check()
	env.stopOperator()
	env.operate()
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	check()
	// It is a password like any other from now on.
	change(env, member, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
	env.AwaitMember("ana", ready, issue(8))
	env.CheckMessages("ana", 1)
}

func TestAnOlderSecretRestoredOverALivingMemberIsAdoptedWithoutAMessage(t *testing.T) {
	t.Parallel()
	env, ana := withAna(t)
	env.AwaitMember("ana", issue(1))
	backup := env.Secret("ana")
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "now" })
	env.AwaitMember("ana", ready, issue(2))
	change(env, env.Secret("ana"), func(s *corev1.Secret) {
		s.Data, s.Annotations, s.OwnerReferences = backup.Data, backup.Annotations, nil
		s.Annotations[v1alpha1.PasswordResetAnnotation] = "now"
	})
	env.AwaitMember("ana", has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonAdopted))
	if env.Password("ana") != string(backup.Data["password"]) {
		t.Error("there is another password")
	}
	env.awaitQuiet()
	if got := len(env.Messages("ana@example.com")); got != 2 {
		t.Errorf("there are %d messages", got)
	}
	env.checkEvents("ana", map[string]int{"PasswordReset": 1, "CredentialsAdopted": 1})
}

func TestAPredecessorsSecretGivesWayToANewPassword(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	secret := env.credentials("ana")
	secret.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: "11111111-2222-3333-4444-555555555555", Controller: new(true),
	}}
	env.CreateAll(env.ContactCenter(), env.Member("ana"), secret)
	env.operate()
	env.AwaitMember("ana", ready)
	if env.Secret("ana").UID == secret.UID || env.Password("ana") == pastPassword {
		t.Error("the predecessor's Secret is still there")
	}
	env.CheckMessages("ana", 1)
}

func TestAMemberDeletedAndAddedAgainGetsANewPasswordAtOnce(t *testing.T) {
	t.Parallel()
	env, _ := withAna(t)
	before := env.Password("ana")
	env.delete(env.GetMember("ana"))
	env.CreateAll(env.Member("ana"))
	env.AwaitMember("ana", ready)
	if env.Password("ana") == before {
		t.Error("the password is the one of the member before")
	}
	env.CheckMessages("ana", 2)
}

func TestASecretOfAnotherMemberThatLivesIsAConflict(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter(), env.Member("eve"))
	eve := env.AwaitMember("eve", ready)
	secret := env.credentials("wei")
	secret.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(eve, v1alpha1.GroupVersion.WithKind("Member"))}
	env.CreateAll(secret, env.Member("wei"))
	env.AwaitMember("wei", has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict))
	if env.Secret("wei").ResourceVersion != secret.ResourceVersion {
		t.Error("the Secret was touched")
	}
}
