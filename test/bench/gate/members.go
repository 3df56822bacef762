package gate

import (
	"context"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
	"rollcall.dev/rollcall/test/bench/setup"
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
	w.members = make([]person, w.options.members)
	return setup.InParallel(ctx, writers, len(w.members), func(ctx context.Context, i int) error {
		if err := w.makeMember(ctx, i); err != nil {
			return fmt.Errorf("%s: %w", w.members[i].name, err)
		}
		if (i+1)%10_000 == 0 {
			w.Printf("%d members", i+1)
		}
		return nil
	})
}

// makeMember makes a Member, its Secret and its status.
func (w *gateBench) makeMember(ctx context.Context, i int) error {
	member := setup.NewMember(setup.Namespace, i)
	w.members[i] = person{name: member.Name, email: member.Spec.Email}
	if err := w.Admin.Create(ctx, member); err != nil {
		return err
	}
	issueID, err := w.issue(ctx, member, &w.members[i])
	if err != nil {
		return err
	}
	member.Status = w.status(member, issueID)
	return w.Admin.Status().Update(ctx, member)
}

// issue makes the Secret with a member's password, as the operator does.
func (w *gateBench) issue(ctx context.Context, member *v1alpha1.Member, who *person) (string, error) {
	issueID, err := password.NewIssueID(w.Random)
	if err != nil {
		return "", err
	}
	if who.password, err = password.Generate(w.Random, passwordLength); err != nil {
		return "", err
	}
	return issueID, w.CreateSecret(ctx, w.Admin, member, map[string]string{
		v1alpha1.IssueIDAnnotation:   issueID,
		v1alpha1.IssueAnnotation:     "1",
		v1alpha1.IssuedForAnnotation: v1alpha1.IssuedFirst,
		v1alpha1.ChecksumAnnotation:  password.Checksum(issueID, who.email, who.password),
	}, []byte(who.password))
}

// status is what the operator says of a member who may log in.
func (w *gateBench) status(member *v1alpha1.Member, issueID string) v1alpha1.MemberStatus {
	now := metav1.NewTime(w.Now().Truncate(time.Second))
	status := v1alpha1.MemberStatus{
		ObservedGeneration: member.Generation,
		Login:              v1alpha1.LoginAllowed,
		LoginReason:        v1alpha1.LoginReasonActive,
		Credentials: &v1alpha1.CredentialsStatus{
			SecretName: member.CredentialsSecretName(), IssueID: issueID, Issue: 1, IssuedAt: now,
		},
		Claims: setup.ClaimsOf(member),
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

// htpasswd makes the htpasswd files: as `htpasswd -s` and as `htpasswd` make them, of
// all members, and one of a single member.
func (w *gateBench) htpasswd() map[string]string {
	asked := map[string]bool{}
	for _, who := range w.asked {
		asked[who.name] = true
	}
	var sha, apr1 strings.Builder
	for _, who := range w.members {
		// nginx reads the hashes of members without requests and does not look
		// at them, so that any will do.
		hash := "$apr1$benchmrk$......................"
		if asked[who.name] {
			hash = htpasswdAPR1(who.password, "benchmrk")
		}
		apr1.WriteString(who.email + ":" + hash + "\n")
		sha.WriteString(who.email + ":" + htpasswdSHA(who.password) + "\n")
	}
	one, _, _ := strings.Cut(sha.String(), "\n")
	return map[string]string{"sha": sha.String(), "apr1": apr1.String(), "one": one + "\n"}
}
