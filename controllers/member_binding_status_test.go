package controllers

import (
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestPermissionsGranted(t *testing.T) {
	t.Parallel()
	offline := func(o *memberObservation) { o.member.Spec.ForceOffline = true }
	deskStaff := func(o *memberObservation) {
		o.member.Spec.Role, o.role = v1alpha1.RoleDeskStaff, v1alpha1.RoleDeskStaff
	}
	profile := func(name string, facts profileFacts) func(*memberObservation) {
		return func(o *memberObservation) { o.userProfile.Name, o.profile = name, facts }
	}
	right := profileFacts{found: true, administrators: true, supervisors: true}
	ofProfile := func(b *bindingFacts) { b.role = namespacedRole("rollcall-profile-narrow") }
	nobody := func(o *memberObservation) { o.identity = nil }
	newcomer := func(o *memberObservation) { o.member.Status.Login = "" }
	foreign := bindingFacts{standing: bindingForeign}
	for name, test := range map[string]struct {
		change  []func(*memberObservation)
		binding bindingFacts
		problem string
		reason  string // of PermissionsGranted
		ready   string
		stalled string
	}{
		"given":                                {nil, anasBinding(), "", "Granted", "Ready", ""},
		"not given yet":                        {nil, bindingFacts{}, "", "Pending", "Pending", ""},
		"login allowed by this very status":    {of(newcomer), bindingFacts{}, "", "Pending", "Pending", ""},
		"for another user still":               {nil, anasBinding(func(b *bindingFacts) { b.username = "x" }), "", "Pending", "Pending", ""},
		"could not be written":                 {nil, bindingFacts{}, "over quota", "NotGranted", "NotGranted", ""},
		"foreign":                              {nil, foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline":                       {of(offline), bindingFacts{}, "", "LoginDenied", "Ready", ""},
		"forced offline, foreign":              {of(offline), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline, could not be deleted": {of(offline), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"Desk Staff":                           {of(deskStaff), bindingFacts{}, "", "", "Ready", ""},
		"Desk Staff, foreign":                  {of(deskStaff), foreign, "", "", "Ready", ""},
		"Desk Staff, could not be deleted":     {of(deskStaff), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"by a profile":                         {of(profile("narrow", right)), anasBinding(ofProfile), "", "Granted", "Ready", ""},
		"by a profile, not given yet":          {of(profile("narrow", right)), bindingFacts{}, "", "Pending", "Pending", ""},
		"by a profile that is not there":       {of(profile("narrow", profileFacts{})), bindingFacts{}, "", "ProfileNotFound", "ProfileNotFound", ""},
		"the same, while login is denied":      {of(profile("narrow", profileFacts{}), offline), bindingFacts{}, "", "LoginDenied", "Ready", ""},
		"the same, and could not be deleted":   {of(profile("narrow", profileFacts{})), anasBinding(ofProfile), "refused", "NotRevoked", "NotRevoked", ""},
		"the same, foreign":                    {of(profile("narrow", profileFacts{})), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"the same of Desk Staff":               {of(profile("narrow", profileFacts{}), deskStaff), bindingFacts{}, "", "", "Ready", ""},
		"by a profile whose Role is not right": {of(profile("narrow", profileFacts{found: true, supervisors: true})), bindingFacts{}, "", "RoleNotReady", "RoleNotReady", ""},
		"by a profile that gives nothing":      {of(profile(v1alpha1.ProfilePremiumAgent, profileFacts{found: true})), bindingFacts{}, "", "", "Ready", ""},
		"no identity":                          {of(nobody), bindingFacts{}, "", "", "Ready", ""},
		"no identity, foreign":                 {of(nobody), foreign, "", "", "Ready", ""},
		"no identity, could not be deleted":    {of(nobody), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"without a contact centre":             {of(nobody, func(o *memberObservation) { o.center = nil }), bindingFacts{}, "", "", "NoContactCenter", ""},
		"a leaver, foreign":                    {of(func(o *memberObservation) { o.member.DeletionTimestamp = &metav1.Time{Time: at} }), foreign, "", "RoleBindingConflict", "Deleting", ""},
		"a duplicate":                          {of(func(o *memberObservation) { o.claims.Email = "" }), bindingFacts{}, "", "LoginDenied", "Duplicate", "Duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(append(of(administrator), test.change...)...)
			outcome := memberOutcome{
				secret: observed.secret, binding: test.binding, bindingProblem: test.problem,
				granted: grantedPermissions(observed, keepSecret),
			}
			status := memberStatus(observed, outcome)
			for conditionType, want := range map[string]string{
				v1alpha1.PermissionsGrantedCondition: test.reason, v1alpha1.ReadyCondition: test.ready, v1alpha1.StalledCondition: test.stalled,
			} {
				condition := apimeta.FindStatusCondition(status.Conditions, conditionType)
				if (condition == nil) != (want == "") || condition != nil && (condition.Reason != want || condition.Message == "" || condition.ObservedGeneration != 4) {
					t.Errorf("%s is %+v, not %q", conditionType, condition, want)
				}
			}
			// There are permissions, or may be, just while the condition is True.
			holds := apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.PermissionsGrantedCondition)
			if want := test.reason == "Granted" || test.reason == "NotRevoked"; holds != want {
				t.Errorf("PermissionsGranted is True: %t", holds)
			}
		})
	}
}

func TestWhyPermissionsCannotBeGivenIsToldThoughTheyWereAboutToBeGivenBefore(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := memberOutcome{secret: observed.secret, granted: anasPermissions}
	waiting := permissionsGranted(&observed.member.Status, observed, outcome)
	waiting.set(&observed.member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.member.Generation, metav1.NewTime(at))
	outcome.bindingProblem = "exceeded quota: one"
	if failed := permissionsGranted(&observed.member.Status, observed, outcome); failed.message == waiting.message {
		t.Errorf("it still says that %s", failed.message)
	}
}

func TestAProblemWithARoleBindingIsToldInTheWordsItWasFirstToldIn(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := memberOutcome{secret: observed.secret, granted: anasPermissions, bindingProblem: "exceeded quota: one"}
	first := permissionsGranted(&observed.member.Status, observed, outcome)
	if want := "RoleBinding rollcall-member-ana could not be written, and is tried again: exceeded quota: one"; first.message != want {
		t.Errorf("the message is %q, not %q", first.message, want)
	}
	first.set(&observed.member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.member.Generation, metav1.NewTime(at))
	outcome.bindingProblem = "exceeded quota: two"
	if second := permissionsGranted(&observed.member.Status, observed, outcome); second != first {
		t.Errorf("it says %+v, and before %+v", second, first)
	}
	// Another spec is a reason to say what is so now.
	observed.member.Generation++
	if third := permissionsGranted(&observed.member.Status, observed, outcome); third == first {
		t.Errorf("it still says %+v", third)
	}
}
