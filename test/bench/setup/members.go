package setup

import (
	"context"
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// Namespace is the contact center that is measured.
	Namespace = "bench"
	// MaxMembers have an extension of six digits each.
	MaxMembers = 500_000
	// Groups is how many skill groups there are.
	Groups = 50
)

// NewMember is the Member of that number, who is in two skill groups.
func NewMember(namespace string, i int) *v1alpha1.Member {
	name := fmt.Sprintf("member-%06d", i)
	return &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.MemberSpec{
			Name:        fmt.Sprintf("Member Number %d", i),
			Email:       name + "@example.com",
			AgentID:     fmt.Sprintf("A%06d", i),
			Extension:   strconv.Itoa(100_000 + i),
			Role:        v1alpha1.RoleDeskStaff,
			SkillGroups: []v1alpha1.SkillGroupReference{{Name: GroupName(i)}, {Name: GroupName(i + 1)}},
		},
	}
}

// NewCenter returns the ContactCenter of a benchmark, which sends mail to the server;
// nil: none.
func NewCenter(namespace string, server *smtptest.Server) *v1alpha1.ContactCenter {
	center := testenv.ContactCenter(namespace, server)
	center.Spec.DisplayName, center.Spec.SuperAdmin.Name = "Benchmark", ""
	if server != nil {
		center.Spec.Mail.From = "Benchmark <rollcall@example.com>"
	}
	return center
}

// GroupName is the name of the skill group of that number.
func GroupName(i int) string { return fmt.Sprintf("group-%02d", i%Groups) }

// CreateNamespace creates the namespace of a contact center.
func (b *Installation) CreateNamespace(ctx context.Context, name string) error {
	return b.Admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}})
}

// CreateSecret creates the Secret with a Member's password, as the operator does.
func (b *Installation) CreateSecret(ctx context.Context, as client.Client, member *v1alpha1.Member, annotations map[string]string, password []byte) error {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: member.Namespace, Name: member.CredentialsSecretName(), Annotations: annotations,
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: member.Name},
		},
		Type: v1alpha1.AuthSecretType,
		Data: map[string][]byte{
			corev1.BasicAuthUsernameKey: []byte(member.Spec.Email),
			corev1.BasicAuthPasswordKey: password,
		},
	}
	if err := controllerutil.SetControllerReference(member, secret, b.Admin.Scheme()); err != nil {
		return err
	}
	if err := as.Create(ctx, secret); err != nil {
		// The server's answer may repeat what it was sent.
		return fmt.Errorf("making the Secret %s failed: %s", client.ObjectKeyFromObject(secret), apierrors.ReasonForError(err))
	}
	return nil
}

// ClaimsOf are the unique values that a Member claims.
func ClaimsOf(member *v1alpha1.Member) *v1alpha1.Claims {
	return &v1alpha1.Claims{Email: member.Spec.Email, AgentID: member.Spec.AgentID, Extension: member.Spec.Extension}
}
