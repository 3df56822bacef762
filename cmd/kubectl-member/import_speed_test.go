package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// manyRows is how many people the sheet of a large contact centre has.
const manyRows = 5000

// bareRows is how many the bare client makes: enough to know its rate.
const bareRows = manyRows / 2

// TestALargeSheetBecomesMembersAsFastAsItsWritesCanBe imports the sheet, with the
// operator issuing and mailing, and then has a bare client make the same writes.
// It compares no times, which depend on what else the machine does, but says them.
func TestALargeSheetBecomesMembersAsFastAsItsWritesCanBe(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a minute: run it without -short")
	}
	floor := newQuietDesk(t)
	bare := floor.bareLoop(bareRows)
	d := newDesk(t)
	d.create(d.group("billing"))
	d.await(v1alpha1.SuperAdminMemberName)
	file := d.file("members.csv", sheetOfRows(manyRows))
	took := timed(func() {
		got := d.plugin("import", file, "--wait", "--timeout", "5m")
		want := fmt.Sprintf("%d added, 0 changed, 0 unchanged, 0 failed\n", manyRows)
		if got.code != exitDone || got.out != want {
			t.Fatalf("exit code %d: %s%s", got.code, got.out, got.err)
		}
	})
	rate, bareRate := manyRows/took.Seconds(), bareRows/bare.Seconds()
	t.Logf("imported and all Ready: %.0f members a second; the same writes by a bare client: %.0f; ratio %.2f", rate, bareRate, rate/bareRate)

	if letters := len(d.mail.Messages()); letters != manyRows+1 {
		t.Errorf("%d letters for %d people and the Super Admin", letters, manyRows)
	}
	d.eventually("counts are settled", d.countsSettled(manyRows+1))
	before := d.memberVersions()
	again := timed(func() {
		got := d.plugin("import", file, "--wait", "--mode", "sync")
		if want := fmt.Sprintf("0 added, 0 changed, %d unchanged, 0 failed\n", manyRows); got.done(t) != want {
			t.Errorf("again: %s", got.out)
		}
	})
	t.Logf("imported again: %s", again.Round(time.Millisecond))
	d.sameVersions(before)
	if letters := len(d.mail.Messages()); letters != manyRows+1 {
		t.Errorf("%d letters after it was imported again", letters)
	}
}

// timed is how long something takes.
func timed(do func()) time.Duration {
	begin := time.Now() //nolint:forbidigo // it is the real time that is measured
	do()
	return time.Since(begin) //nolint:forbidigo // as above
}

// countsSettled is whether the contact centre counts as many members.
func (d *desk) countsSettled(members int32) func() error {
	return func() error {
		center := &v1alpha1.ContactCenter{}
		if err := d.Get(d.Context(), client.ObjectKey{Namespace: d.namespace, Name: v1alpha1.ContactCenterName}, center); err != nil {
			return err
		}
		if center.Status.Members == nil || center.Status.Members.Total != members {
			return fmt.Errorf("it counts %+v", center.Status.Members)
		}
		return nil
	}
}

// bareLoop makes the writes that so many new members cost (the Member, its Secret
// and two patches of its status) with 16 workers, and says how long that takes.
func (d *desk) bareLoop(members int) time.Duration {
	d.Helper()
	const workers = 16
	var next atomic.Int64
	var running sync.WaitGroup
	errs := make(chan error, workers)
	took := timed(func() {
		for range workers {
			running.Go(func() {
				for i := int(next.Add(1)) - 1; i < members; i = int(next.Add(1)) - 1 {
					if err := d.bareMember(d.Context(), i); err != nil {
						errs <- err
						return
					}
				}
			})
		}
		running.Wait()
	})
	close(errs)
	for err := range errs {
		d.Fatal(err)
	}
	return took
}

// bareMember makes the writes for one.
func (d *desk) bareMember(ctx context.Context, i int) error {
	member := d.member(fmt.Sprintf("p-%05d", i), func(s *v1alpha1.MemberSpec) {
		s.Name, s.AgentID, s.Phone = fmt.Sprintf("Person %d", i), fmt.Sprintf("P-%05d", i), fmt.Sprintf("+1415%07d", i)
		s.Extension = fmt.Sprint(10000 + i)
		s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}}
	})
	if err := d.Create(ctx, member, client.FieldOwner(fieldManager)); err != nil {
		return err
	}
	controller := true
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: d.namespace, Name: member.CredentialsSecretName(),
			Labels:      map[string]string{v1alpha1.ManagedByLabel: "bare", v1alpha1.MemberLabel: member.Name},
			Annotations: map[string]string{v1alpha1.IssueIDAnnotation: "0123456789abcdef0123456789abcdef", v1alpha1.IssueAnnotation: "1"},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: member.Name, UID: member.UID, Controller: &controller,
			}},
		},
		Type:       corev1.SecretTypeBasicAuth,
		StringData: map[string]string{corev1.BasicAuthUsernameKey: member.Spec.Email, corev1.BasicAuthPasswordKey: "not-a-password"},
	}
	if err := d.Create(ctx, secret); err != nil {
		return err
	}
	for _, reason := range []string{v1alpha1.ReasonPending, v1alpha1.ReasonMailed} {
		before := member.DeepCopy()
		bareStatus(member, reason)
		if err := d.Status().Patch(ctx, member, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
			return err
		}
	}
	return nil
}

// bareStatus is a status of the size of a real one.
func bareStatus(member *v1alpha1.Member, reason string) {
	status := &member.Status
	status.ObservedGeneration, status.Login, status.LoginReason = member.Generation, v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive
	status.Credentials = &v1alpha1.CredentialsStatus{SecretName: member.CredentialsSecretName(), IssueID: "0123456789abcdef0123456789abcdef", Issue: 1, IssuedAt: metav1.NewTime(member.CreationTimestamp.Time)}
	status.Claims = &v1alpha1.Claims{Email: member.Spec.Email, AgentID: member.Spec.AgentID, Extension: member.Spec.Extension}
	status.SkillGroups = []v1alpha1.SkillGroupMembership{{Name: "billing", Priority: 1, Source: v1alpha1.MembershipFromMember}}
	status.Mail = &v1alpha1.MailStatus{IssueID: "0123456789abcdef0123456789abcdef", MessageID: "0123456789abcdef0123456789abcdef@example.com", Attempts: 1}
	for _, condition := range []string{v1alpha1.ReadyCondition, v1alpha1.CredentialsIssuedCondition, v1alpha1.PasswordMailedCondition, v1alpha1.LoginAllowedCondition, v1alpha1.SkillGroupsJoinedCondition} {
		apimeta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: condition, Status: metav1.ConditionTrue, Reason: reason, Message: "The mail server accepted the letter with the current password.", ObservedGeneration: member.Generation,
		})
	}
}
