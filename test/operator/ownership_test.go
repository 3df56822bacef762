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
	for name, foreign := range map[string]func(*corev1.Secret){
		"without labels":              func(s *corev1.Secret) { s.Labels = nil },
		"without our labels":          func(s *corev1.Secret) { s.Labels = map[string]string{"app": "billing"} },
		"of another type":             func(s *corev1.Secret) { s.Labels, s.Type = nil, corev1.SecretTypeOpaque },
		"with our labels, but edited": func(s *corev1.Secret) { s.Data["password"] = []byte("edited after the backup") },
		"for another user":            func(s *corev1.Secret) { s.Data["username"] = []byte("eve@example.com") },
		"with another owner": func(s *corev1.Secret) {
			s.OwnerReferences = []metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: "owner", UID: "x", Controller: new(true)}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := newEnvironment(t)
			env.operate()
			secret := env.credentials("ana")
			foreign(secret)
			if len(secret.OwnerReferences) > 0 {
				owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "owner"}}
				env.CreateAll(owner)
				secret.OwnerReferences[0].UID = owner.UID
			}
			env.CreateAll(secret, env.ContactCenter(), env.Member("ana"))
			env.AwaitMember("ana",
				has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict),
				has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSecretConflict),
				has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonSecretConflict),
				login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued))
			if events := env.awaitEvents("ana", 1); events["SecretConflict"] != 1 {
				t.Errorf("events are %v", events)
			}
			env.awaitQuiet()
			now := env.Secret("ana")
			if now.ResourceVersion != secret.ResourceVersion || !equality.Semantic.DeepEqual(now.Data, secret.Data) {
				t.Error("the Secret was touched")
			}
			env.CheckMessages("ana", 0)
		})
	}
}

func TestAPasswordThatComesBackFromABackupIsKeptAndNotMailed(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
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
	stop()
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
	env := newEnvironment(t)
	env.operate()
	ana := env.Member("ana")
	env.CreateAll(env.ContactCenter(), ana)
	env.AwaitMember("ana", ready, issue(1))
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
	if events := env.awaitEvents("ana", 2); events["PasswordReset"] != 1 || events["CredentialsAdopted"] != 1 {
		t.Errorf("events are %v", events)
	}
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
	env := newEnvironment(t)
	env.operate()
	env.CreateAll(env.ContactCenter(), env.Member("ana"))
	env.AwaitMember("ana", ready)
	before := env.Password("ana")
	if err := env.Delete(t.Context(), env.GetMember("ana")); err != nil {
		t.Fatal(err)
	}
	env.CreateAll(env.Member("ana"))
	env.AwaitMember("ana", ready)
	if env.Password("ana") == before {
		t.Error("the password is the one of the member before")
	}
	env.CheckMessages("ana", 2)
}

func TestASecretOfAnotherMemberThatLivesIsAConflict(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
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
