package operator

import (
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
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
	for name, deny := range map[string]func(*v1alpha1.MemberSpec, bool){
		"forced offline": func(s *v1alpha1.MemberSpec, denied bool) { s.ForceOffline = denied },
		"inactive":       func(s *v1alpha1.MemberSpec, denied bool) { s.Active = new(!denied) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := operated(t)
			ana := env.Member("ana")
			deny(&ana.Spec, true)
			env.CreateAll(env.ContactCenter(), ana)
			held := has(v1alpha1.PasswordMailedCondition, metav1.ConditionFalse, v1alpha1.ReasonHeld)
			env.AwaitMember("ana", held, has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady), issue(1))
			// A reset while denied is issued and held as well.
			change(env, ana, func(m *v1alpha1.Member) { m.Spec.PasswordReset = "while away" })
			env.AwaitMember("ana", held, issue(2))
			env.CheckMessages("ana", 0)
			change(env, ana, func(m *v1alpha1.Member) { deny(&m.Spec, false) })
			env.AwaitMember("ana", ready, issue(2))
			env.CheckMessages("ana", 1)
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
