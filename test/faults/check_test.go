//go:build faults

package faults

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

// check compares the environment with what the load asked for. It is for when all faults
// are over and the load has stopped; the operator runs.
func (l *load) check() {
	env := l.env
	env.Helper()
	env.Eventually("all is as it was asked for", l.settled)
	l.checkIssues()
	// The messages of members forced offline wait: with all logins restored, the last
	// message of each has to be the one with the current password.
	l.restoreAll()
	env.Eventually("all is as it was asked for, with all logins restored", l.settled)
	l.checkIssues()
	l.checkMessages()
	l.checkSecrecy()
}

// settled is nil when everything is as it was asked for.
func (l *load) settled() error {
	env := l.env
	members, err := env.ListMembers()
	if err != nil {
		return err
	}
	secrets, bindings := &corev1.SecretList{}, &rbacv1.RoleBindingList{}
	ours := client.MatchingLabels{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue}
	if err := env.List(env.Context(), secrets, client.InNamespace(env.Namespace), ours); err != nil {
		return err
	}
	if err := env.List(env.Context(), bindings, client.InNamespace(env.Namespace), ours); err != nil {
		return err
	}
	var problems []error
	for name, p := range l.members {
		member := members[name]
		if (member != nil) != p.exists {
			problems = append(problems, fmt.Errorf("%s exists: %t, wanted: %t", name, member != nil, p.exists))
		}
	}
	for name, member := range members {
		if p := l.members[name]; p == nil && name != v1alpha1.SuperAdminMemberName {
			problems = append(problems, fmt.Errorf("%s was never added", name))
		}
		problems = append(problems, settledMember(member), env.holdsOneSecret(member, secrets.Items), holdsItsBinding(member, bindings.Items))
	}
	for i := range secrets.Items {
		problems = append(problems, belongsTo(members, &secrets.Items[i]))
	}
	for i := range bindings.Items {
		problems = append(problems, belongsTo(members, &bindings.Items[i]))
	}
	return errors.Join(problems...)
}

// settledMember returns nil for a Member whose status is what its spec asks for.
func settledMember(member *v1alpha1.Member) error {
	want := v1alpha1.LoginAllowed
	if member.DeniesLogin(time.Now()) != "" { //nolint:forbidigo // the operator's clock is the machine's again
		want = v1alpha1.LoginDenied
	}
	status := member.Status
	switch {
	case status.ObservedGeneration != member.Generation:
		return fmt.Errorf("%s: observedGeneration is %d, generation %d", member.Name, status.ObservedGeneration, member.Generation)
	case status.Login != want:
		return fmt.Errorf("%s: login is %s (%s), wanted %s", member.Name, status.Login, status.LoginReason, want)
	case !apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.ReadyCondition):
		return fmt.Errorf("%s is not Ready: %+v", member.Name, apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition))
	case status.Credentials == nil || status.Credentials.PasswordReset != member.Spec.PasswordReset:
		return fmt.Errorf("%s: credentials are %+v, the reset asked for %q", member.Name, status.Credentials, member.Spec.PasswordReset)
	case want == v1alpha1.LoginAllowed && (status.Mail == nil || status.Mail.IssueID != status.Credentials.IssueID):
		return fmt.Errorf("%s: the mail record is %+v, the issue %s", member.Name, status.Mail, status.Credentials.IssueID)
	}
	return nil
}

// holdsOneSecret returns nil for a Member who has exactly one Secret, with a valid checksum.
func (*environment) holdsOneSecret(member *v1alpha1.Member, secrets []corev1.Secret) error {
	var own []*corev1.Secret
	for i := range secrets {
		if metav1.IsControlledBy(&secrets[i], member) {
			own = append(own, &secrets[i])
		}
	}
	if len(own) != 1 {
		return fmt.Errorf("%s has %d Secrets", member.Name, len(own))
	}
	secret := own[0]
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	username, word := string(secret.Data[corev1.BasicAuthUsernameKey]), string(secret.Data[corev1.BasicAuthPasswordKey])
	switch {
	case secret.Name != member.CredentialsSecretName() || secret.Labels[v1alpha1.MemberLabel] != member.Name:
		return fmt.Errorf("%s: the Secret is %s, with the labels %v", member.Name, secret.Name, secret.Labels)
	case username != member.Spec.Email:
		return fmt.Errorf("%s: the Secret is for another user name", member.Name)
	case secret.Annotations[v1alpha1.ChecksumAnnotation] != password.Checksum(issueID, username, word):
		return fmt.Errorf("%s: the Secret's checksum is wrong", member.Name)
	case member.Status.Credentials == nil || member.Status.Credentials.IssueID != issueID:
		return fmt.Errorf("%s: the Secret has issue %s, the status %+v", member.Name, issueID, member.Status.Credentials)
	}
	return nil
}

// holdsItsBinding returns nil for a Member who has the RoleBinding of the role exactly
// while login is allowed.
func holdsItsBinding(member *v1alpha1.Member, bindings []rbacv1.RoleBinding) error {
	at := slices.IndexFunc(bindings, func(b rbacv1.RoleBinding) bool { return b.Name == member.RoleBindingName() })
	role := member.EffectiveRole().ClusterRole()
	wanted := role != "" && member.Status.Login == v1alpha1.LoginAllowed
	switch {
	case (at >= 0) != wanted:
		return fmt.Errorf("%s has a RoleBinding: %t, wanted: %t", member.Name, at >= 0, wanted)
	case at < 0:
		return nil
	}
	binding := bindings[at]
	if binding.RoleRef.Name != role || !metav1.IsControlledBy(&binding, member) ||
		len(binding.Subjects) != 1 || binding.Subjects[0].Name != testenv.UsernamePrefix+member.Spec.Email {
		return fmt.Errorf("%s: the RoleBinding is for %v, of %v", member.Name, binding.RoleRef, binding.Subjects)
	}
	return nil
}

// belongsTo is nil for what belongs to a Member that exists.
func belongsTo(members map[string]*v1alpha1.Member, object client.Object) error {
	owner := metav1.GetControllerOf(object)
	if owner == nil {
		return fmt.Errorf("%T %s has no controller", object, object.GetName())
	}
	if member := members[owner.Name]; member == nil || member.UID != owner.UID {
		return fmt.Errorf("%T %s is left of a Member %s that is gone", object, object.GetName(), owner.Name)
	}
	return nil
}

// restoreAll restores the login of all members.
func (l *load) restoreAll() {
	l.env.Helper()
	for _, p := range l.members {
		if !p.exists {
			continue
		}
		if err := l.patch(l.env.Context(), p, map[string]any{"forceOffline": nil, "forceOfflineUntil": nil, "active": nil}); err != nil {
			l.env.Fatal(err)
		}
		p.spec.ForceOffline, p.spec.ForceOfflineUntil, p.spec.Active = false, nil, nil
	}
}

// checkIssues checks that no member got more passwords than were requested.
func (l *load) checkIssues() {
	env := l.env
	env.Helper()
	members, err := env.ListMembers()
	if err != nil {
		env.Fatal(err)
	}
	for name, p := range l.members {
		member := members[name]
		if member == nil {
			continue
		}
		if got := env.secrets.issuesOf(member.UID); got > p.issues {
			env.Errorf("%s (%s) has had %d passwords, and %d were asked for:\n%s", name, member.UID, got, p.issues, env.secrets.historyOf(member.UID))
		}
		// The count goes on from that of a former life, whose Secret was still there.
		if got, most := member.Status.Credentials.Issue, p.earlier+p.issues; got > int64(most) {
			env.Errorf("%s is at issue %d, and %d were asked for", name, got, most)
		}
	}
}

// checkMessages checks what the mail server has accepted.
func (l *load) checkMessages() {
	env := l.env
	env.Helper()
	letters := map[string][]smtptest.Message{}
	for _, message := range env.Mail.Messages() {
		if len(message.To) != 1 {
			env.Errorf("a message is to %d addresses", len(message.To))
			continue
		}
		letters[message.To[0]] = append(letters[message.To[0]], message)
	}
	passwords, twins := env.secrets.passwords(), 0
	for name, p := range l.members {
		own := letters[p.email()]
		delete(letters, p.email())
		if p.exists {
			env.checkLastMessage(name, own)
		}
		ids := map[string]bool{}
		for i, message := range own {
			twins += env.checkMessage(name, own[:i], message, passwords)
			ids[message.MessageID()] = true
		}
		if most := p.earlier + p.issues; len(ids) > most {
			env.Errorf("%s got messages with %d passwords, and %d were asked for", name, len(ids), most)
		}
	}
	delete(letters, "sam@example.com")
	if len(letters) > 0 {
		env.Errorf("there are messages to strangers: %v", slices.Collect(maps.Keys(letters)))
	}
	env.Logf("%d messages, %d of them sent again after a crash", len(env.Mail.Messages()), twins)
}

// checkLastMessage checks that the last message has exactly the Secret's password.
func (env *environment) checkLastMessage(name string, messages []smtptest.Message) {
	env.Helper()
	secret := &corev1.Secret{}
	key := client.ObjectKey{Namespace: env.Namespace, Name: name + v1alpha1.CredentialsSecretSuffix}
	if err := env.Get(env.Context(), key, secret); err != nil {
		env.Error(err)
		return
	}
	if len(messages) == 0 {
		env.Errorf("%s got no message", name)
		return
	}
	if got, ok := messages[len(messages)-1].ExtractPassword(); !ok || got != string(secret.Data[corev1.BasicAuthPasswordKey]) {
		env.Errorf("the last message to %s does not have the Secret's password", name)
	}
}

// checkMessage checks one message, and returns 1 if it went out again although it had
// to, and 0 otherwise.
func (env *environment) checkMessage(name string, earlier []smtptest.Message, message smtptest.Message, passwords map[string]string) int {
	env.Helper()
	issueID, _, _ := strings.Cut(message.MessageID(), "@")
	if want, known := passwords[issueID]; known && !message.Contains(want) {
		env.Errorf("a message to %s does not have the password of its issue %s", name, issueID)
	}
	for _, twin := range slices.Backward(earlier) {
		if twin.MessageID() != message.MessageID() {
			continue
		}
		if !env.mayRepeat(issueID, twin.At, message.At) {
			env.Errorf("%s got the message of issue %s twice, at %s and %s, with no crash in between", name, issueID,
				twin.At.Format(time.StampMilli), message.At.Format(time.StampMilli))
		}
		return 1
	}
	return 0
}

// mayRepeat reports whether a message that came at one time could not be known to have
// come when it was sent again.
func (env *environment) mayRepeat(issueID string, first, second time.Time) bool {
	return slices.ContainsFunc(env.gaps, func(g gap) bool {
		return !g.written[issueID] && (g.issued == nil || g.issued[issueID]) && !second.Before(g.from) && !first.After(g.to)
	})
}

// checkSecrecy checks that no password is anywhere but in Secrets and messages.
func (l *load) checkSecrecy() {
	env := l.env
	env.Helper()
	words := env.secrets.passwords()
	for i, message := range env.Mail.Messages() {
		if word, ok := message.ExtractPassword(); ok {
			words[fmt.Sprint("letter ", i)] = word
		}
	}
	shown, err := env.Cluster.Kubectl(env.Context(), "", "get", "members,contactcenters,events,rolebindings", "-n", env.Namespace, "-o", "json", "--show-managed-fields")
	if err != nil {
		env.Error(err)
	}
	places := map[string]string{"the objects": shown}
	for i, o := range env.operators {
		places[fmt.Sprintf("the log of operator %d", i)] = o.text()
	}
	for _, name := range []string{"etcd", "kube-apiserver", "kube-controller-manager"} {
		text, err := os.ReadFile(filepath.Join(env.Cluster.Dir, name+".log"))
		if err != nil {
			env.Error(err)
		}
		places["the log of "+name] = string(text)
	}
	for place, text := range places {
		for issue, word := range words {
			if strings.Contains(text, word) {
				env.Errorf("%s has the password of issue %s", place, issue)
			}
		}
	}
	env.Logf("looked for %d passwords in %d places", len(words), len(places))
}
