package memberplan

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestExpectsBindingReportsARoleBindingThatTheCacheMayNotHaveYet(t *testing.T) {
	t.Parallel()
	condition := func(status metav1.ConditionStatus, reason string) func(*Observation) {
		return func(o *Observation) {
			o.Member.Status.Conditions = []metav1.Condition{{Type: v1alpha1.PermissionsGrantedCondition, Status: status, Reason: reason}}
		}
	}
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	denied := func(o *Observation) { o.Member.Status.Login = v1alpha1.LoginDenied }
	noIdentity := func(o *Observation) { o.Identity = nil }
	for name, test := range map[string]struct {
		change []func(*Observation)
		want   bool
	}{
		"granted":                     {of(condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"not revoked":                 {of(denied, offline, condition(metav1.ConditionTrue, v1alpha1.ReasonNotRevoked)), true},
		"granted, identity removed":   {of(noIdentity, condition(metav1.ConditionTrue, v1alpha1.ReasonGranted)), true},
		"foreign":                     {of(condition(metav1.ConditionFalse, v1alpha1.ReasonRoleBindingConflict)), true},
		"about to be granted":         {of(condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), false},
		"denied while being granted":  {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonPending)), true},
		"denied while being restored": {of(offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), true},
		"denied already":              {of(denied, offline, condition(metav1.ConditionFalse, v1alpha1.ReasonLoginDenied)), false},
		"no condition":                {nil, false},
		// If the identity is new, the RoleBinding is created before the condition is written. A
		// denial between the two prevents that write.
		"denied before the first condition": {of(offline), true},
		"denied, and nothing to grant":      {of(offline, noIdentity), false},
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
