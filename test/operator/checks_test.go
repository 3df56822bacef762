package operator

import (
	"errors"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// has checks the status and reason of a condition.
func has(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		return testenv.HasCondition(member.Status.Conditions, conditionType, status, reason)
	}
}

// login checks the login state.
func login(state v1alpha1.LoginState, reason v1alpha1.LoginReason) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Login != state || member.Status.LoginReason != reason {
			return fmt.Errorf("login is %s/%s, not %s/%s", member.Status.Login, member.Status.LoginReason, state, reason)
		}
		return nil
	}
}

// ready checks that a Member is ready, that its password was mailed and that login is
// allowed.
func ready(member *v1alpha1.Member) error {
	return errors.Join(
		has(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)(member),
		has(v1alpha1.PasswordMailedCondition, metav1.ConditionTrue, v1alpha1.ReasonMailed)(member),
		login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member),
	)
}

// issue checks the number of the password.
func issue(number int64) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if member.Status.Credentials == nil || member.Status.Credentials.Issue != number {
			return fmt.Errorf("credentials are %+v, not issue %d", member.Status.Credentials, number)
		}
		return nil
	}
}

// centerHas checks the status and reason of a condition of a ContactCenter.
func centerHas(conditionType string, status metav1.ConditionStatus, reason string) func(*v1alpha1.ContactCenterStatus) error {
	return func(center *v1alpha1.ContactCenterStatus) error {
		return testenv.HasCondition(center.Conditions, conditionType, status, reason)
	}
}

// centerReady checks for a ContactCenter that is ready.
var centerReady = centerHas(v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)

// memberCounts checks the counts of Members of a ContactCenter.
func memberCounts(want v1alpha1.MemberCounts) func(*v1alpha1.ContactCenterStatus) error {
	return func(center *v1alpha1.ContactCenterStatus) error {
		if center.Members == nil || *center.Members != want {
			return fmt.Errorf("counts are %+v, not %+v", center.Members, want)
		}
		return nil
	}
}
