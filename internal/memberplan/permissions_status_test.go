package memberplan

import (
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
)

func TestConditionPermissionsGrantedTellsTheStateOfTheRoleBinding(t *testing.T) {
	t.Parallel()
	offline := func(o *Observation) { o.Member.Spec.ForceOffline = true }
	deskStaff := func(o *Observation) {
		o.Member.Spec.Role, o.Role = v1alpha1.RoleDeskStaff, v1alpha1.RoleDeskStaff
	}
	profile := func(name string, facts Profile) func(*Observation) {
		return func(o *Observation) { o.UserProfile.Name, o.Profile = name, facts }
	}
	ready := Profile{Found: true, Administrators: true, Supervisors: true}
	ofProfile := func(b *Binding) { b.Role = namespacedRole("rollcall-profile-narrow") }
	noIdentity := func(o *Observation) { o.Identity = nil }
	undecided := func(o *Observation) { o.Member.Status.Login = "" }
	foreign := Binding{Ownership: ownership.Foreign}
	for name, test := range map[string]struct {
		change  []func(*Observation)
		binding Binding
		problem string
		reason  string // of PermissionsGranted
		ready   string
		stalled string
	}{
		"granted":                                         {nil, anasBinding(), "", "Granted", "Ready", ""},
		"not granted yet":                                 {nil, Binding{}, "", "Pending", "Pending", ""},
		"this status allows login":                        {of(undecided), Binding{}, "", "Pending", "Pending", ""},
		"still for another user":                          {nil, anasBinding(func(b *Binding) { b.Username = "x" }), "", "Pending", "Pending", ""},
		"could not be written":                            {nil, Binding{}, "over quota", "NotGranted", "NotGranted", ""},
		"foreign":                                         {nil, foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline":                                  {of(offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"forced offline, foreign":                         {of(offline), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"forced offline, could not be deleted":            {of(offline), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"Desk Staff":                                      {of(deskStaff), Binding{}, "", "", "Ready", ""},
		"Desk Staff, foreign":                             {of(deskStaff), foreign, "", "", "Ready", ""},
		"Desk Staff, could not be deleted":                {of(deskStaff), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"through a profile":                               {of(profile("narrow", ready)), anasBinding(ofProfile), "", "Granted", "Ready", ""},
		"through a profile, not granted yet":              {of(profile("narrow", ready)), Binding{}, "", "Pending", "Pending", ""},
		"through a missing profile":                       {of(profile("narrow", Profile{})), Binding{}, "", "ProfileNotFound", "ProfileNotFound", ""},
		"through a missing profile, login denied":         {of(profile("narrow", Profile{}), offline), Binding{}, "", "LoginDenied", "Ready", ""},
		"through a missing profile, could not be deleted": {of(profile("narrow", Profile{})), anasBinding(ofProfile), "refused", "NotRevoked", "NotRevoked", ""},
		"through a missing profile, foreign":              {of(profile("narrow", Profile{})), foreign, "", "RoleBindingConflict", "RoleBindingConflict", "RoleBindingConflict"},
		"through a missing profile, Desk Staff":           {of(profile("narrow", Profile{}), deskStaff), Binding{}, "", "", "Ready", ""},
		"through a profile whose Role is wrong":           {of(profile("narrow", Profile{Found: true, Supervisors: true})), Binding{}, "", "RoleNotReady", "RoleNotReady", ""},
		"through a profile that grants nothing":           {of(profile(v1alpha1.ProfilePremiumAgent, Profile{Found: true})), Binding{}, "", "", "Ready", ""},
		"no identity":                                     {of(noIdentity), Binding{}, "", "", "Ready", ""},
		"no identity, foreign":                            {of(noIdentity), foreign, "", "", "Ready", ""},
		"no identity, could not be deleted":               {of(noIdentity), anasBinding(), "refused", "NotRevoked", "NotRevoked", ""},
		"no contact center":                               {of(noIdentity, func(o *Observation) { o.Center = nil }), Binding{}, "", "", "NoContactCenter", ""},
		"a Member being deleted, foreign":                 {of(func(o *Observation) { o.Member.DeletionTimestamp = &metav1.Time{Time: at} }), foreign, "", "RoleBindingConflict", "Deleting", ""},
		"a duplicate":                                     {of(func(o *Observation) { o.Claims.Email = "" }), Binding{}, "", "LoginDenied", "Duplicate", "Duplicate"},
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
					t.Errorf("%s is %+v, want %q", conditionType, condition, want)
				}
			}
			// The condition is True exactly while permissions may exist.
			holds := apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.PermissionsGrantedCondition)
			if want := test.reason == "Granted" || test.reason == "NotRevoked"; holds != want {
				t.Errorf("PermissionsGranted is True: %t", holds)
			}
		})
	}
}

func TestTheMessageTellsWhyPermissionsThatWerePendingCannotBeGranted(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions}
	waiting := permissionsGranted(&observed.Member.Status, observed, outcome)
	waiting.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: one"
	if failed := permissionsGranted(&observed.Member.Status, observed, outcome); failed.Message == waiting.Message {
		t.Errorf("the message is still %q", failed.Message)
	}
}

func TestTheFirstMessageAboutARoleBindingProblemStays(t *testing.T) {
	t.Parallel()
	observed := observedMember(administrator)
	outcome := Outcome{Secret: observed.Secret, Granted: anasPermissions, BindingProblem: "exceeded quota: one"}
	first := permissionsGranted(&observed.Member.Status, observed, outcome)
	if want := "RoleBinding rollcall-member-ana could not be written. The operator tries again: exceeded quota: one"; first.Message != want {
		t.Errorf("the message is %q, want %q", first.Message, want)
	}
	first.Set(&observed.Member.Status.Conditions, v1alpha1.PermissionsGrantedCondition, observed.Member.Generation, metav1.NewTime(at))
	outcome.BindingProblem = "exceeded quota: two"
	if second := permissionsGranted(&observed.Member.Status, observed, outcome); second != first {
		t.Errorf("the verdict is %+v, want %+v as before", second, first)
	}
	// A change of the spec updates the message.
	observed.Member.Generation++
	if third := permissionsGranted(&observed.Member.Status, observed, outcome); third == first {
		t.Errorf("the verdict is still %+v", third)
	}
}
