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
	env := operated(t)
	first, second := env.Member("ana"), env.Member("ana-again")
	second.Spec.Email = "ANA@Example.com"
	env.CreateAll(env.ContactCenter(), first)
	env.AwaitMember("ana", ready)
	env.CreateAll(second)
	env.AwaitMember("ana-again", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate),
		has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonDuplicate),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonDuplicate),
		has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicate))
	if env.Secret("ana-again") != nil {
		t.Error("the duplicate got a Secret")
	}
	env.AwaitMember("ana", ready)
	env.checkEvents("ana-again", map[string]int{"Duplicate": 1})
	env.delete(first)
	member := env.AwaitMember("ana-again", ready)
	if member.Status.Claims == nil || member.Status.Claims.Email != "ana@example.com" {
		t.Errorf("claims are %+v", member.Status.Claims)
	}
	if apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.StalledCondition) != nil {
		t.Error("it is still Stalled")
	}
}

func TestOfManyMembersWithTheSameAddressAtOnceOneHoldsIt(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	const count = 12
	for i := range count {
		member := env.Member(fmt.Sprintf("clone-%d", i))
		member.Spec.Email = "clone@example.com"
		env.CreateAll(member)
	}
	holder := func() string {
		t.Helper()
		name := ""
		env.Eventually("one holder", func() error {
			var allowed, duplicates []string
			for i := range count {
				member := env.GetMember(fmt.Sprintf("clone-%d", i))
				switch {
				case ready(member) == nil:
					allowed = append(allowed, member.Name)
				case login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate)(member) == nil && env.Secret(member.Name) == nil:
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
	if got := len(env.Messages("clone@example.com")); got != 1 {
		t.Errorf("there were %d messages", got)
	}
	// An operator that starts finds the same holder.
	env.stopOperator()
	env.operate()
	env.CreateAll(env.Member("wei"))
	env.AwaitMember("wei", ready)
	env.awaitQuiet()
	if after := holder(); after != before {
		t.Errorf("the holder was %s and is %s", before, after)
	}
}

func TestTheSuperAdminsAddressAlwaysWins(t *testing.T) {
	t.Parallel()
	env := operated(t)
	early := env.Member("early")
	early.Spec.Email = "sam@example.com"
	center := env.ContactCenter()
	center.Spec.SuperAdmin.Email = "other@example.com"
	env.CreateAll(center, early)
	env.AwaitMember("early", ready)
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = "Sam@example.com" })
	env.AwaitMember("early", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonDuplicate))
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, func(m *v1alpha1.Member) error {
		if m.Spec.Email != "Sam@example.com" {
			return errors.New("it is still the one before")
		}
		return nil
	})
}

func TestAClashOfAgentIDOrExtensionStallsTheLaterOneAndDeniesNoLogin(t *testing.T) {
	t.Parallel()
	for reason, set := range map[string]func(*v1alpha1.MemberSpec, string){
		v1alpha1.ReasonDuplicateAgentID:   func(s *v1alpha1.MemberSpec, value string) { s.AgentID = "A-" + value },
		v1alpha1.ReasonDuplicateExtension: func(s *v1alpha1.MemberSpec, value string) { s.Extension = "10" + value },
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			env := operated(t)
			first, second := env.Member("ana"), env.Member("wei")
			set(&first.Spec, "42")
			set(&second.Spec, "42")
			env.CreateAll(env.ContactCenter(), first)
			env.AwaitMember("ana", ready)
			env.CreateAll(second)
			env.AwaitMember("wei", ready, has(v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
			env.delete(first)
			env.AwaitMember("wei", ready, func(m *v1alpha1.Member) error {
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
	env := operated(t)
	first, second := env.Member("ana"), env.Member("wei")
	first.Spec.Extension, second.Spec.Extension = "1042", "1042"
	env.CreateAll(env.ContactCenter(), first)
	env.AwaitMember("ana", ready)
	env.CreateAll(second)
	env.AwaitMember("wei", has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicateExtension))
	change(env, first, func(m *v1alpha1.Member) { m.Spec.Extension = "1043" })
	env.AwaitMember("wei", func(m *v1alpha1.Member) error {
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
	env := operated(t)
	first, second := env.Member("ana"), env.Member("wei")
	first.Spec.Extension, second.Spec.Extension = "1042", "1042"
	env.CreateAll(env.ContactCenter(), first)
	env.AwaitMember("ana", ready)
	env.CreateAll(second)
	stalled := has(v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonDuplicateExtension)
	holdsNothing := func(m *v1alpha1.Member) error {
		if m.Status.Claims == nil || m.Status.Claims.Extension != "" {
			return fmt.Errorf("its claims are %+v", m.Status.Claims)
		}
		return nil
	}
	claimToo := func() {
		t.Helper()
		if err := env.Status().Patch(t.Context(), second, mergePatch(`{"status":{"claims":{"extension":"1042"}}}`)); err != nil {
			t.Fatal(err)
		}
	}
	env.AwaitMember("wei", stalled, holdsNothing)
	claimToo()
	env.AwaitMember("wei", stalled, holdsNothing)
	env.AwaitMember("ana", ready)

	env.stopOperator()
	claimToo()
	env.operate()
	env.Eventually("one holder", func() error {
		ana, wei := env.GetMember("ana"), env.GetMember("wei")
		if holdsNothing(ana) == nil { // both may be of the same second
			ana, wei = wei, ana
		}
		return errors.Join(ready(ana), stalled(wei), holdsNothing(wei))
	})
}
