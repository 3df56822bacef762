package main

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
)

const (
	// writers is how many write members at a time.
	writers = 24
	// passwordLength is the CRD's default.
	passwordLength = 20
)

// person is a member. The password is never printed.
type person struct {
	name, email, password string
}

// makeMembers makes all members, as they are once the operator is done with them.
func (w *gateBench) makeMembers(ctx context.Context) error {
	w.members = make([]person, w.gateOptions.members)
	return inParallel(ctx, writers, len(w.members), func(ctx context.Context, i int) error {
		if err := w.makeMember(ctx, i); err != nil {
			return fmt.Errorf("%s: %w", w.members[i].name, err)
		}
		if (i+1)%10_000 == 0 {
			w.say("%d members", i+1)
		}
		return nil
	})
}

// makeMember makes a Member, its Secret and its status.
func (w *gateBench) makeMember(ctx context.Context, i int) error {
	member := newMember(deskNamespace, i)
	w.members[i] = person{name: member.Name, email: member.Spec.Email}
	if err := w.admin.Create(ctx, member); err != nil {
		return err
	}
	issueID, err := w.issue(ctx, member, &w.members[i])
	if err != nil {
		return err
	}
	member.Status = w.status(member, issueID)
	return w.admin.Status().Update(ctx, member)
}

// issue makes the Secret with a member's password, as the operator does.
func (w *gateBench) issue(ctx context.Context, member *v1alpha1.Member, who *person) (string, error) {
	issueID, err := password.NewIssueID(w.random)
	if err != nil {
		return "", err
	}
	if who.password, err = password.Generate(w.random, passwordLength); err != nil {
		return "", err
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: member.Namespace, Name: member.CredentialsSecretName(),
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.MemberLabel: member.Name},
			Annotations: map[string]string{
				v1alpha1.IssueIDAnnotation:   issueID,
				v1alpha1.IssueAnnotation:     "1",
				v1alpha1.IssuedForAnnotation: v1alpha1.IssuedFirst,
				v1alpha1.ChecksumAnnotation:  password.Checksum(issueID, who.email, who.password),
			},
		},
		Type: v1alpha1.AuthSecretType,
		Data: map[string][]byte{
			corev1.BasicAuthUsernameKey: []byte(who.email),
			corev1.BasicAuthPasswordKey: []byte(who.password),
		},
	}
	if err := controllerutil.SetControllerReference(member, secret, w.admin.Scheme()); err != nil {
		return "", err
	}
	if err := w.admin.Create(ctx, secret); err != nil {
		// The server's answer may repeat what it was sent.
		return "", fmt.Errorf("making the Secret %s failed", client.ObjectKeyFromObject(secret))
	}
	return issueID, nil
}

// status is what the operator says of a member who may log in.
func (w *gateBench) status(member *v1alpha1.Member, issueID string) v1alpha1.MemberStatus {
	now := metav1.NewTime(w.now().Truncate(time.Second))
	status := v1alpha1.MemberStatus{
		ObservedGeneration: member.Generation,
		Login:              v1alpha1.LoginAllowed,
		LoginReason:        v1alpha1.LoginReasonActive,
		Credentials: &v1alpha1.CredentialsStatus{
			SecretName: member.CredentialsSecretName(), IssueID: issueID, Issue: 1, IssuedAt: now,
		},
		Claims: &v1alpha1.Claims{Email: member.Spec.Email, AgentID: member.Spec.AgentID, Extension: member.Spec.Extension},
	}
	for _, group := range member.Spec.SkillGroups {
		status.SkillGroups = append(status.SkillGroups, v1alpha1.SkillGroupMembership{
			Name: group.Name, Priority: 1, Source: v1alpha1.MembershipFromMember,
		})
	}
	for _, condition := range [][2]string{
		{v1alpha1.ReadyCondition, v1alpha1.ReasonReady},
		{v1alpha1.CredentialsIssuedCondition, v1alpha1.ReasonIssued},
		{v1alpha1.PasswordMailedCondition, v1alpha1.ReasonMailed},
		{v1alpha1.LoginAllowedCondition, string(v1alpha1.LoginReasonActive)},
		{v1alpha1.SkillGroupsJoinedCondition, v1alpha1.ReasonJoined},
	} {
		status.Conditions = append(status.Conditions, metav1.Condition{
			Type: condition[0], Status: metav1.ConditionTrue, Reason: condition[1], Message: "as the operator would have it",
			ObservedGeneration: member.Generation, LastTransitionTime: now,
		})
	}
	return status
}
