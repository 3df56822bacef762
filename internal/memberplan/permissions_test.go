package memberplan

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheAPIServerIsAskedForARoleBindingThatTheCacheMayNotHaveYet(t *testing.T) {
	t.Parallel()
	condition := func(status metav1.ConditionStatus, reason string) func(*Observation) {
		return func(o *Observation) {
			o.Member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.PermissionsGrantedCondition, Status: status, Reason: reason}}
		}
	}
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	denied := func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }
	nobody := func(o *Observation) { o.Identity = nil }
	for name, test := range map[string]struct {
		change []func(*Observation)
		want   bool
	}{
		"given":                        {of(condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"not revoked":                  {of(denied, offline, condition(metav1.ConditionTrue, v1alpha1.ReasonNotRevoked)), true},
		"given, no identity any more":  {of(nobody, condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"foreign":                      {of(condition(metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict)), true},
		"about to be given":            {of(condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), false},
		"cut off while being given":    {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), true},
		"cut off while being restored": {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), true},
		"cut off already":              {of(denied, offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), false},
		"no condition":                 {nil, false},
		// Such as when the identity came a moment ago: the RoleBinding is made
		// before the condition is written, which the cut-off then prevents.
		"cut off before the first condition": {of(offline), true},
		"cut off, and nothing to give":       {of(offline, nobody), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(append(of(administrator), test.change...)...)
			if got := observed.ExpectsBinding(); got != test.want {
				t.Errorf("ExpectsBinding() = %t, want %t", got, test.want)
			}
		})
	}
}
