package operator

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// readyButDenied checks for a Member that is as its spec asks for, with a login denied.
func readyButDenied(reason v1alpha1.LoginReason) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if err := has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)(member); err != nil {
			return err
		}
		if err := has(v1alpha1.LoginAllowedCondition, metav1.ConditionFalse, string(reason))(member); err != nil {
			return err
		}
		return login(v1alpha1.LoginDenied, reason)(member)
	}
}

func TestForceOfflineDeniesUntilItIsRemoved(t *testing.T) {
	t.Parallel()
	env, ana := withAna(t)
	before := env.Secret("ana")

	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline, m.Spec.ForceOfflineReason = true, "lost laptop" })
	member := env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline), has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed))
	for _, condition := range member.Status.Conditions {
		if condition.Type == v1alpha1.LoginAllowedCondition && condition.Message != "Login is denied until spec.forceOffline is removed. Reason: lost laptop" {
			t.Errorf("the message is %q", condition.Message)
		}
	}
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember("ana", ready)
	if env.Secret("ana").ResourceVersion != before.ResourceVersion {
		t.Error("the Secret was touched")
	}
	env.CheckMessages("ana", 1)
	env.checkEvents("ana", map[string]int{"ForcedOffline": 1, "RestoredOnline": 1})
}

func TestAnAnnotationEditedByHandDoesNotStandInTheWayOfACutOff(t *testing.T) {
	t.Parallel()
	env, ana := withAna(t)
	change(env, env.Secret("ana"), func(s *corev1.Secret) {
		s.Annotations[v1alpha1.PasswordResetAnnotation] = strings.Repeat("x", 65)
		s.Annotations[v1alpha1.IssueAnnotation] = "99999999999999999999"
	})
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	env.Eventually("the annotations are put back", func() error {
		if annotations := env.Secret("ana").Annotations; annotations[v1alpha1.PasswordResetAnnotation] != "" || annotations[v1alpha1.IssueAnnotation] != "1" {
			return fmt.Errorf("they are %v", annotations)
		}
		return nil
	})
	env.CheckMessages("ana", 1)
}

func TestForceOfflineUntilEndsByItself(t *testing.T) {
	t.Parallel()
	env, ana := withAna(t)
	until := metav1.NewTime(time.Now().Add(4 * time.Second).Truncate(time.Second)) //nolint:forbidigo // the API server's clock is the real one
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOfflineUntil = &until })
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline))
	env.AwaitMember("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonForceOfflineExpired))
	if early := time.Until(until.Time); early > 0 {
		t.Errorf("login was allowed %s too early", early)
	}
	env.checkEvents("ana", map[string]int{"ForcedOffline": 1, "ForceOfflineExpired": 1})
	// Either of the two denies, whatever the other says.
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonForcedOffline))
}

func TestAnInactiveMemberKeepsEverythingButTheLogin(t *testing.T) {
	t.Parallel()
	env, ana := withAna(t)
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Active = new(false) })
	env.AwaitMember("ana", readyButDenied(v1alpha1.LoginReasonInactive))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Active = new(true) })
	env.AwaitMember("ana", ready, issue(1))
	env.CheckMessages("ana", 1)
}

func TestTheMessageOfADeniedMemberWaitsForTheRestore(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	for name, deny := range map[string]func(*v1alpha1.MemberSpec, bool){
		"offline":  func(s *v1alpha1.MemberSpec, denied bool) { s.ForceOffline = denied },
		"inactive": func(s *v1alpha1.MemberSpec, denied bool) { s.Active = new(!denied) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := env.in(t)
			member := env.Member(name, func(s *v1alpha1.MemberSpec) { deny(s, true) })
			env.CreateAll(member)
			held := has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonHeld)
			env.AwaitMember(name, held, has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady), issue(1))
			// A reset while denied is issued and held as well.
			change(env, member, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "while away" })
			env.AwaitMember(name, held, issue(2))
			env.CheckMessages(name, 0)
			change(env, member, func(m *v1alpha1.Member) { deny(&m.Spec, false) })
			env.AwaitMember(name, ready, issue(2))
			env.CheckMessages(name, 1)
		})
	}
}

func TestWithoutAContactCenterNothingIsIssuedAndNothingIsTaken(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.Member("ana"))
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonNotIssued),
		has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter))
	center := env.ContactCenter()
	env.CreateAll(center)
	env.AwaitMember("ana", ready)

	env.delete(center)
	env.AwaitMember("ana", login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive),
		has(v1alpha1.CredentialsIssuedCondition, metav1.ConditionTrue, v1alpha1.ReasonIssued),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonNoContactCenter))
	// A reset waits, a cut-off does not.
	change(env, env.Member("ana"), func(m *v1alpha1.Member) { m.Spec.PasswordReset, m.Spec.ForceOffline = "now", true })
	env.AwaitMember("ana", login(v1alpha1.LoginDenied, v1alpha1.LoginReasonForcedOffline), issue(1))
	env.CheckMessages("ana", 1)
}

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
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	for reason, set := range map[string]func(*v1alpha1.MemberSpec){
		v1alpha1.ReasonDuplicateAgentID:   func(s *v1alpha1.MemberSpec) { s.AgentID = "A-42" },
		v1alpha1.ReasonDuplicateExtension: func(s *v1alpha1.MemberSpec) { s.Extension = "1042" },
	} {
		name := strings.ToLower(reason)
		first, second := env.Member(name+"-first", set), env.Member(name+"-second", set)
		env.CreateAll(first)
		env.AwaitMember(first.Name, ready)
		env.CreateAll(second)
		env.AwaitMember(second.Name, ready, has(v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
		env.delete(first)
		env.AwaitMember(second.Name, ready, notStalled)
	}
}

// notStalled checks for a Member without the condition Stalled.
func notStalled(member *v1alpha1.Member) error {
	if apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.StalledCondition) != nil {
		return errors.New("it is Stalled")
	}
	return nil
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
