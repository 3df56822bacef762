package memberplan

import (
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

func TestPermissionsGranted(t *testing.T) {
	t.Parallel()
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	deskStaff := func(o *Observation) {
		o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskStaff, v1alpha1.RoleDeskStaff
	}
	profile := func(name string, facts Profile) func(*Observation) {
		return func(o *Observation) { o.UserProfile.Name, o.Profile = name, facts }
	}
	right := Profile{Found: true, Administrators: true, Supervisors: true}
	ofProfile := func(b *Binding) { b.Role = namespacedRole("rollcall-profile-narrow") }
	nobody := func(o *Observation) { o.Identity = nil }
	newcomer := func(o *Observation) { o.Member.Status.Login = "" }
	foreign := Binding{Ownership: ownership.Foreign}
	for name, test := range map[string]struct {
		change  []func(*Observation)
		binding Binding
		problem string
		reason  string // of PermissionsGranted
		ready   string
		stalled string
	}{
		"given":                                {nil, anasBinding(), "", "Granted", "Ready", ""},
		"not given yet":                        {nil, Binding{}, "", "Pending", "Pending", ""},
		"login allowed by this very status":    {of(newcomer), Binding{}, "", "Pending", "Pending", ""},
		"for another user still":               {nil, anasBinding(func(b *Binding) { b.Username = "x" }), "", "Pending", "Pending", ""},
		"could not be written":                 {nil, Binding{}, "over quota", "NotGranted", "NotGranted", ""},
		"foreign":                              {nil, foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline":                       {of(offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"forced offline, foreign":              {of(offline), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline, could not be deleted": {of(offline), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"Desk Staff":                           {of(deskStaff), Binding{}, "", "", "Ready", ""},
		"Desk Staff, foreign":                  {of(deskStaff), foreign, "", "", "Ready", ""},
		"Desk Staff, could not be deleted":     {of(deskStaff), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"by a profile":                         {of(profile("narrow", right)), anasBinding(ofProfile), "", "Granted", "Ready", ""},
		"by a profile, not given yet":          {of(profile("narrow", right)), Binding{}, "", "Pending", "Pending", ""},
		"by a profile that is not there":       {of(profile("narrow", Profile{})), Binding{}, "", "ProfileNotFound", "ProfileNotFound", ""},
		"the same, while login is denied":      {of(profile("narrow", Profile{}), offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"the same, and could not be deleted":   {of(profile("narrow", Profile{})), anasBinding(ofProfile), "refused", "NotRevoked", "NotRevoked", ""},
		"the same, foreign":                    {of(profile("narrow", Profile{})), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"the same of Desk Staff":               {of(profile("narrow", Profile{}), deskStaff), Binding{}, "", "", "Ready", ""},
		"by a profile whose Role is not right": {of(profile("narrow", Profile{Found: true, Supervisors: true})), Binding{}, "", "RoleNotReady", "RoleNotReady", ""},
		"by a profile that gives nothing":      {of(profile(v1alpha1.ProfilePremiumAgent, Profile{Found: true})), Binding{}, "", "", "Ready", ""},
		"no identity":                          {of(nobody), Binding{}, "", "", "Ready", ""},
		"no identity, foreign":                 {of(nobody), foreign, "", "", "Ready", ""},
		"no identity, could not be deleted":    {of(nobody), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"without a contact centre":             {of(nobody, func(o *Observation) { o.Center = nil }), Binding{}, "", "", "NoContactCenter", ""},
		"a leaver, foreign":                    {of(func(o *Observation) { o.Member.DeletionTimestamp = &metav1.Time{Time: at} }), foreign, "", "RoleBindingConflict", "Deleting", ""},
		"a duplicate":                          {of(func(o *Observation) { o.Claims.Email = "" }), Binding{}, "", "LoginDenied", "Duplicate", "Duplicate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observedMember(append(of(administrator), test.change...)...)
			outcome := Outcome{
				Secret: observed.Secret, Binding: test.binding, BindingProblem: test.problem,
				Granted: observed.grantedPermissions(KeepSecret),
			}
			status := Status(observed, outcome)
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
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions}
	waiting := permissionsGranted(&observed.Member.Status, observed, outcome)
	waiting.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: one"
	if failed := permissionsGranted(&observed.Member.Status, observed, outcome); failed.Message == waiting.Message {
		t.Errorf("it still says that %s", failed.Message)
	}
}

func TestAProblemWithARoleBindingIsToldInTheWordsItWasFirstToldIn(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions, BindingProblem: "exceeded quota: one"}
	first := permissionsGranted(&observed.Member.Status, observed, outcome)
	if want := "RoleBinding rollcall-member-ana could not be written. The operator tries again: exceeded quota: one"; first.Message != want {
		t.Errorf("the message is %q, not %q", first.Message, want)
	}
	first.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: two"
	if second := permissionsGranted(&observed.Member.Status, observed, outcome); second != first {
		t.Errorf("it says %+v, and before %+v", second, first)
	}
	// Another spec is a reason to say what is so now.
	observed.Member.Generation++
	if third := permissionsGranted(&observed.Member.Status, observed, outcome); third == first {
		t.Errorf("it still says %+v", third)
	}
}
