package userprofile

import (
	"errors"
	"strings"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// at is when the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// narrow is a UserProfile that lets edit members.
func narrow() *v1alpha1.UserProfile {
	return &v1alpha1.UserProfile{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "narrow", UID: "p", Generation: 2},
		Spec:       v1alpha1.UserProfileSpec{Access: v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit}},
	}
}

// narrowRole is its Role for administrators, with changes.
func narrowRole(change ...func(*rbacv1.Role)) *rbacv1.Role {
	profile := narrow()
	role := &rbacv1.Role{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "desk", Name: profile.RoleName(), UID: "r",
			Labels:          map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue, v1alpha1.UserProfileLabel: "narrow"},
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(profile, v1alpha1.GroupVersion.WithKind("UserProfile"))},
		},
		Rules: profilerole.Roles(profile)[0].Rules,
	}
	for _, mutate := range change {
		mutate(role)
	}
	return role
}

func TestWhatIsDoneToARoleFollowsFromWhoseItIsAndWhatItGives(t *testing.T) {
	t.Parallel()
	owner := func(change func(*metav1.OwnerReference)) func(*rbacv1.Role) {
		return func(r *rbacv1.Role) { change(&r.OwnerReferences[0]) }
	}
	noOwner := func(r *rbacv1.Role) { r.OwnerReferences = nil }
	predecessor := owner(func(o *metav1.OwnerReference) { o.UID = "before" })
	noLabels := func(r *rbacv1.Role) { r.Labels = nil }
	wider := func(r *rbacv1.Role) {
		r.Rules = append(r.Rules, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}})
	}
	deleting := func(r *rbacv1.Role) { r.DeletionTimestamp = &metav1.Time{Time: at} }
	for name, test := range map[string]struct {
		role  *rbacv1.Role
		want  roleAction
		right bool
	}{
		"there is none":                          {nil, createRole, false},
		"as it is made":                          {narrowRole(), keepRole, true},
		"with a label more":                      {narrowRole(func(r *rbacv1.Role) { r.Labels["team"] = "blue" }), keepRole, true},
		"wider":                                  {narrowRole(wider), mendRole, false},
		"with no rules":                          {narrowRole(func(r *rbacv1.Role) { r.Rules = nil }), mendRole, false},
		"without what limits":                    {narrowRole(func(r *rbacv1.Role) { r.Rules = r.Rules[:len(r.Rules)-1] }), mendRole, false},
		"with rules in another order":            {narrowRole(func(r *rbacv1.Role) { r.Rules[0], r.Rules[1] = r.Rules[1], r.Rules[0] }), mendRole, false},
		"the labels are lost":                    {narrowRole(noLabels), mendRole, true},
		"labelled for another profile":           {narrowRole(func(r *rbacv1.Role) { r.Labels[v1alpha1.UserProfileLabel] = "other" }), mendRole, true},
		"about to go":                            {narrowRole(deleting), keepRole, true},
		"about to go, and wider":                 {narrowRole(deleting, wider), mendRole, false},
		"a predecessor's":                        {narrowRole(predecessor), replaceRole, false},
		"a predecessor's, and wider":             {narrowRole(predecessor, wider), replaceRole, false},
		"a predecessor's, about to go":           {narrowRole(predecessor, deleting), keepRole, false},
		"the owner is lost":                      {narrowRole(noOwner), replaceRole, false},
		"owner and labels are lost":              {narrowRole(noOwner, noLabels), keepRole, false},
		"an owner that is no controller":         {narrowRole(owner(func(o *metav1.OwnerReference) { o.Controller = nil }), noLabels), keepRole, false},
		"another profile's":                      {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.Name = "q", "other" })), keepRole, false},
		"of another kind":                        {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.Kind = "q", "Member" })), keepRole, false},
		"of another group's kind":                {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.APIVersion = "q", "example.com/v1" })), keepRole, false},
		"somebody else's":                        {narrowRole(noOwner, func(r *rbacv1.Role) { r.Labels = map[string]string{v1alpha1.ManagedByLabel: "helm"} }), keepRole, false},
		"somebody else's, labelled half like us": {narrowRole(noOwner, func(r *rbacv1.Role) { delete(r.Labels, v1alpha1.UserProfileLabel) }), keepRole, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := profilerole.Describe(narrow(), profilerole.Roles(narrow())[0], test.role)
			if got := planRole(facts); got != test.want {
				t.Errorf("planRole = %d, not %d, for %+v", got, test.want, facts)
			}
			if facts.IsRight() != test.right {
				t.Errorf("isRight = %t for %+v", facts.IsRight(), facts)
			}
		})
	}
}

func TestTheStatusOfAUserProfile(t *testing.T) {
	t.Parallel()
	right, absent, foreign := profilerole.Facts{Ownership: ownership.Ours, AsWanted: true, Labelled: true}, profilerole.Facts{}, profilerole.Facts{Ownership: ownership.Foreign}
	refused := errors.New("exceeded quota")
	for name, test := range map[string]struct {
		unsupported bool
		done        []appliedRole
		reason      string
		stalled     bool
		says        string
	}{
		"both are right":          {false, []appliedRole{{right, nil}, {right, nil}}, "Ready", false, "rollcall-supervisor-profile-narrow"},
		"one is foreign":          {false, []appliedRole{{foreign, nil}, {right, nil}}, "RoleConflict", true, "Role rollcall-profile-narrow exists"},
		"the other is foreign":    {false, []appliedRole{{right, nil}, {foreign, nil}}, "RoleConflict", true, "Role rollcall-supervisor-profile-narrow exists"},
		"one was not written":     {false, []appliedRole{{right, nil}, {absent, refused}}, "RoleNotWritten", false, "exceeded quota"},
		"foreign and not written": {false, []appliedRole{{foreign, nil}, {absent, refused}}, "RoleConflict", true, "delete it"},
		"one is about to go":      {false, []appliedRole{{profilerole.Facts{Ownership: ownership.Predecessors, Deleting: true}, nil}, {right, nil}}, "RoleNotWritten", false, "being deleted"},
		"without role bindings":   {true, nil, "IdentityNotSupported", false, "--role-bindings=false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observation{now: at, profile: narrow(), supported: !test.unsupported, members: new(int32(3))}
			for _, wanted := range profilerole.Roles(observed.profile) {
				observed.roles = append(observed.roles, observedRole{Role: wanted})
			}
			status := newStatus(observed, test.done)
			ready := apimeta.FindStatusCondition(status.Conditions, v1alpha1.ReadyCondition)
			if ready == nil || ready.Reason != test.reason || (ready.Status == metav1.ConditionTrue) != (test.reason == "Ready") || !strings.Contains(ready.Message, test.says) {
				t.Errorf("Ready is %+v, not %s with %q", ready, test.reason, test.says)
			}
			if got := apimeta.IsStatusConditionTrue(status.Conditions, v1alpha1.StalledCondition); got != test.stalled {
				t.Errorf("Stalled is %t", got)
			}
			if status.ObservedGeneration != 2 || *status.Members != 3 {
				t.Errorf("the status is %+v", status)
			}
			// What was not counted stays, and what was Stalled is not any more.
			observed.profile.Status = status
			observed.members, observed.supported = nil, true
			again := newStatus(observed, []appliedRole{{right, nil}, {right, nil}})
			if *again.Members != 3 || !apimeta.IsStatusConditionTrue(again.Conditions, v1alpha1.ReadyCondition) ||
				apimeta.FindStatusCondition(again.Conditions, v1alpha1.StalledCondition) != nil {
				t.Errorf("afterwards the status is %+v", again)
			}
		})
	}
}

func TestWhyARoleIsNotWrittenIsToldInTheWordsItWasFirstToldIn(t *testing.T) {
	t.Parallel()
	observed := observation{now: at, profile: narrow(), supported: true}
	observed.roles = []observedRole{{Role: profilerole.Roles(observed.profile)[0]}}
	first := newStatus(observed, []appliedRole{{profilerole.Facts{}, errors.New("quota: one")}})
	observed.profile.Status = first
	second := newStatus(observed, []appliedRole{{profilerole.Facts{}, errors.New("quota: two")}})
	if got := apimeta.FindStatusCondition(second.Conditions, v1alpha1.ReadyCondition).Message; !strings.Contains(got, "quota: one") {
		t.Errorf("it says %q", got)
	}
}

func TestAForeignRoleIsLookedAtAgainEachMinute(t *testing.T) {
	t.Parallel()
	right, foreign := appliedRole{profilerole.Facts{Ownership: ownership.Ours, AsWanted: true}, nil}, appliedRole{profilerole.Facts{Ownership: ownership.Foreign}, nil}
	for name, test := range map[string]struct {
		recount time.Duration
		done    []appliedRole
		want    time.Duration
	}{
		"nothing to wait for":        {0, []appliedRole{right, right}, 0},
		"to be counted":              {5 * time.Second, []appliedRole{right, right}, 5 * time.Second},
		"a foreign one":              {0, []appliedRole{right, foreign}, time.Minute},
		"a foreign one, and a count": {5 * time.Second, []appliedRole{foreign, right}, 5 * time.Second},
		"without role bindings":      {0, nil, 0},
	} {
		if got := nextProfileLook(test.recount, test.done); got != test.want {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
	}
}
