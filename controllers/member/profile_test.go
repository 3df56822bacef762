package member

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestMembersAreRequeuedOnceTheRolesOfAProfileAreWritten(t *testing.T) {
	t.Parallel()
	profile := func(change ...func(*v1alpha1.UserProfile)) *v1alpha1.UserProfile {
		p := &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Name: "narrow", UID: "1", Generation: 1}}
		p.Status.ObservedGeneration = 1
		for _, mutate := range change {
			mutate(p)
		}
		return p
	}
	ready := func(reason string) func(*v1alpha1.UserProfile) {
		return func(p *v1alpha1.UserProfile) {
			p.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ReadyCondition, Reason: reason}}
		}
	}
	for name, test := range map[string]struct {
		before, after *v1alpha1.UserProfile
		want          bool
	}{
		"nothing changed":                        {profile(), profile(), false},
		"its spec changed":                       {profile(), profile(func(p *v1alpha1.UserProfile) { p.Generation = 2 }), false},
		"the Roles of the new spec were written": {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.ObservedGeneration = 2 }), true},
		"its members were counted":               {profile(), profile(func(p *v1alpha1.UserProfile) { p.Status.Members = new(int32(5)) }), false},
		"a Role could not be written":            {profile(ready("Ready")), profile(ready("RoleNotWritten")), true},
		"a Role is foreign":                      {profile(ready("Ready")), profile(ready("RoleConflict")), true},
		"the Role is no longer foreign": {
			profile(ready("RoleConflict")), profile(ready("Ready")), true,
		},
		"its deletion began":                 {profile(), profile(func(p *v1alpha1.UserProfile) { p.DeletionTimestamp = &metav1.Time{Time: testTime} }), true},
		"another UserProfile has the name":   {profile(), profile(func(p *v1alpha1.UserProfile) { p.UID = "2" }), true},
		"it became Ready for the first time": {profile(), profile(ready("Ready")), false},
	} {
		if got := concernsMembers(test.before, test.after); got != test.want {
			t.Errorf("%s: concernsMembers is %t, want %t", name, got, test.want)
		}
	}
}
