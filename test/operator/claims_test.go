package operator

import (
	"errors"
	"fmt"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestASecondMemberWithTheSameAddressComesToLifeWhenTheFirstOneGoes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	first, second := w.member("ana"), w.member("ana-again")
	second.Spec.Email = "ANA@Example.com"
	w.create(w.center(), first)
	w.await("ana", ready)
	w.create(second)
	w.await("ana-again", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate),
		has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonDuplicate),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonDuplicate),
		has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicate))
	if w.secret("ana-again") != nil {
		t.Error("the duplicate got a Secret")
	}
	w.await("ana", ready)
	if events := w.awaitEvents("ana-again", 1); events["Duplicate"] != 1 {
		t.Errorf("events are %v", events)
	}
	if err := w.Delete(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	member := w.await("ana-again", ready)
	if member.Status.Claims == nil || member.Status.Claims.Email != "ana@example.com" {
		t.Errorf("claims are %+v", member.Status.Claims)
	}
	if apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.StalledCondition) != nil {
		t.Error("it is still Stalled")
	}
}

func TestOfManyMembersWithTheSameAddressAtOnceOneHoldsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	w.create(w.center())
	const count = 12
	for i := range count {
		member := w.member(fmt.Sprintf("clone-%d", i))
		member.Spec.Email = "clone@example.com"
		w.create(member)
	}
	holder := func() string {
		t.Helper()
		name := ""
		w.eventually("one holder", func() error {
			var allowed, duplicates []string
			for i := range count {
				member := w.get(fmt.Sprintf("clone-%d", i))
				switch {
				case ready(member) == nil:
					allowed = append(allowed, member.Name)
				case login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate)(member) == nil && w.secret(member.Name) == nil:
					duplicates = append(duplicates, member.Name)
				}
			}
			if len(allowed) != 1 || len(duplicates) != count-1 {
				return fmt.Errorf("allowed are %v, duplicates are %v", allowed, duplicates)
			}
			name = allowed[0]
			return nil
		})
		return name
	}
	before := holder()
	if got := len(w.letters("clone@example.com")); got != 1 {
		t.Errorf("there were %d letters", got)
	}
	// An operator that starts finds the same holder.
	stop()
	w.operate()
	w.create(w.member("wei"))
	w.await("wei", ready)
	w.quiet()
	if after := holder(); after != before {
		t.Errorf("the holder was %s and is %s", before, after)
	}
}

func TestTheSuperAdminsAddressAlwaysWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	early := w.member("early")
	early.Spec.Email = "sam@example.com"
	center := w.center()
	center.Spec.SuperAdmin.Email = "other@example.com"
	w.create(center, early)
	w.await("early", ready)
	change(w, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = "Sam@example.com" })
	w.await("early", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate))
	w.await(v1alpha1.SuperAdminMemberName, ready, func(m *v1alpha1.Member) error {
		if m.Spec.Email != "Sam@example.com" {
			return errors.New("it is still the one before")
		}
		return nil
	})
}

func TestAClashOfAgentIDOrExtensionStallsTheLaterOneAndDeniesNobody(t *testing.T) {
	t.Parallel()
	for reason, set := range map[string]func(*v1alpha1.MemberSpec, string){
		v1alpha1.ReasonDuplicateAgentID:   func(s *v1alpha1.MemberSpec, value string) { s.AgentID = "A-" + value },
		v1alpha1.ReasonDuplicateExtension: func(s *v1alpha1.MemberSpec, value string) { s.Extension = "10" + value },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.operate()
			first, second := w.member("ana"), w.member("wei")
			set(&first.Spec, "42")
			set(&second.Spec, "42")
			w.create(w.center(), first)
			w.await("ana", ready)
			w.create(second)
			w.await("wei", ready, has(v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
			if err := w.Delete(t.Context(), first); err != nil {
				t.Fatal(err)
			}
			w.await("wei", ready, func(m *v1alpha1.Member) error {
				if apimeta.FindStatusCondition(m.Status.Conditions, v1alpha1.StalledCondition) != nil {
					return errors.New("it is still Stalled")
				}
				return nil
			})
		})
	}
}

func TestAnExtensionGivenUpIsFreeForTheOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	first, second := w.member("ana"), w.member("wei")
	first.Spec.Extension, second.Spec.Extension = "1042", "1042"
	w.create(w.center(), first)
	w.await("ana", ready)
	w.create(second)
	w.await("wei", has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicateExtension))
	change(w, first, func(m *v1alpha1.Member) { m.Spec.Extension = "1043" })
	w.await("wei", func(m *v1alpha1.Member) error {
		if m.Status.Claims.Extension != "1042" {
			return errors.New("wei does not hold it")
		}
		return nil
	})
}

// Two leaders, each with a cache that does not show what the other one did, could write
// such statuses.
func TestAValueThatTwoStatusesHaveIsHeldByOneOfThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	stop := w.operate()
	first, second := w.member("ana"), w.member("wei")
	first.Spec.Extension, second.Spec.Extension = "1042", "1042"
	w.create(w.center(), first)
	w.await("ana", ready)
	w.create(second)
	stalled := has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicateExtension)
	holdsNothing := func(m *v1alpha1.Member) error {
		if m.Status.Claims == nil || m.Status.Claims.Extension != "" {
			return fmt.Errorf("its claims are %+v", m.Status.Claims)
		}
		return nil
	}
	claimToo := func() {
		t.Helper()
		if err := w.Status().Patch(t.Context(), second, mergePatch(`{"status":{"claims":{"extension":"1042"}}}`)); err != nil {
			t.Fatal(err)
		}
	}
	w.await("wei", stalled, holdsNothing)
	claimToo()
	w.await("wei", stalled, holdsNothing)
	w.await("ana", ready)

	stop()
	claimToo()
	w.operate()
	w.eventually("one holder", func() error {
		ana, wei := w.get("ana"), w.get("wei")
		if holdsNothing(ana) == nil { // both may be of the same second
			ana, wei = wei, ana
		}
		return errors.Join(ready(ana), stalled(wei), holdsNothing(wei))
	})
}
