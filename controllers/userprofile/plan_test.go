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
	"rollcall.dev/rollcall/internal/conditions/conditionstest"
	"rollcall.dev/rollcall/internal/ownership"
	"rollcall.dev/rollcall/internal/profilerole"
)

// at is the time at which the tests take place.
var at = time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)

// narrow returns a UserProfile that permits editing Members.
func narrow() *v1alpha1.UserProfile {
	return &v1alpha1.UserProfile{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "narrow", UID: "p", Generation: 2},
		Spec:       v1alpha1.UserProfileSpec{Access: v1alpha1.ProfileAccess{Members: v1alpha1.AccessLevelEdit}},
	}
}

// narrowRole returns its Role for administrators, with changes.
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

func TestTheActionForARoleFollowsFromItsOwnershipAndRules(t *testing.T) {
	t.Parallel()
	owner := func(change func(*metav1.OwnerReference)) func(*rbacv1.Role) {
		return func(r *rbacv1.Role) { change(&r.OwnerReferences[0]) }
	}
	noOwner := func(r *rbacv1.Role) { r.OwnerReferences = nil }
	predecessor := owner(func(o *metav1.OwnerReference) { o.UID = "before" })
	noLabels := func(r *rbacv1.Role) { r.Labels = nil }
	withMoreRules := func(r *rbacv1.Role) {
		r.Rules = append(r.Rules, rbacv1.PolicyRule{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: []string{"get"}})
	}
	deleting := func(r *rbacv1.Role) { r.DeletionTimestamp = &metav1.Time{Time: at} }
	for name, test := range map[string]struct {
		role  *rbacv1.Role
		want  roleAction
		right bool
	}{
		"absent":                           {nil, createRole, false},
		"as created":                       {narrowRole(), keepRole, true},
		"with another label":               {narrowRole(func(r *rbacv1.Role) { r.Labels["team"] = "blue" }), keepRole, true},
		"with more rules":                  {narrowRole(withMoreRules), updateRole, false},
		"without rules":                    {narrowRole(func(r *rbacv1.Role) { r.Rules = nil }), updateRole, false},
		"without the limiting rule":        {narrowRole(func(r *rbacv1.Role) { r.Rules = r.Rules[:len(r.Rules)-1] }), updateRole, false},
		"with rules in another order":      {narrowRole(func(r *rbacv1.Role) { r.Rules[0], r.Rules[1] = r.Rules[1], r.Rules[0] }), updateRole, false},
		"without labels":                   {narrowRole(noLabels), updateRole, true},
		"labeled for another profile":      {narrowRole(func(r *rbacv1.Role) { r.Labels[v1alpha1.UserProfileLabel] = "other" }), updateRole, true},
		"being deleted":                    {narrowRole(deleting), keepRole, true},
		"being deleted, with more rules":   {narrowRole(deleting, withMoreRules), updateRole, false},
		"a predecessor's":                  {narrowRole(predecessor), replaceRole, false},
		"a predecessor's, with more rules": {narrowRole(predecessor, withMoreRules), replaceRole, false},
		"a predecessor's, being deleted":   {narrowRole(predecessor, deleting), keepRole, false},
		"without owner":                    {narrowRole(noOwner), replaceRole, false},
		"without owner and labels":         {narrowRole(noOwner, noLabels), keepRole, false},
		"owner is not the controller":      {narrowRole(owner(func(o *metav1.OwnerReference) { o.Controller = nil }), noLabels), keepRole, false},
		"another profile's":                {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.Name = "q", "other" })), keepRole, false},
		"owned by another resource kind":   {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.Kind = "q", "Member" })), keepRole, false},
		"owned by another API group":       {narrowRole(owner(func(o *metav1.OwnerReference) { o.UID, o.APIVersion = "q", "example.com/v1" })), keepRole, false},
		"foreign":                          {narrowRole(noOwner, func(r *rbacv1.Role) { r.Labels = map[string]string{v1alpha1.ManagedByLabel: "helm"} }), keepRole, false},
		"foreign, with one of our labels":  {narrowRole(noOwner, func(r *rbacv1.Role) { delete(r.Labels, v1alpha1.UserProfileLabel) }), keepRole, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := profilerole.Describe(narrow(), profilerole.Roles(narrow())[0], test.role)
			if got := planRole(facts); got != test.want {
				t.Errorf("planRole = %d, not %d, for %+v", got, test.want, facts)
			}
			if facts.IsRight() != test.right {
				t.Errorf("IsRight() = %t for %+v", facts.IsRight(), facts)
			}
		})
	}
}

func TestTheStatusOfAUserProfile(t *testing.T) {
	t.Parallel()
	right, absent, foreign := profilerole.Facts{Ownership: ownership.Ours, AsWanted: true, Labeled: true}, profilerole.Facts{}, profilerole.Facts{Ownership: ownership.Foreign}
	refused := errors.New("exceeded quota")
	for name, test := range map[string]struct {
		unsupported bool
		done        []appliedRole
		reason      string
		stalled     bool
		says        string
	}{
		"both are ready":           {false, []appliedRole{{right, nil}, {right, nil}}, "Ready", false, "rollcall-supervisor-profile-narrow"},
		"one is foreign":           {false, []appliedRole{{foreign, nil}, {right, nil}}, "RoleConflict", true, "Role rollcall-profile-narrow exists"},
		"the other is foreign":     {false, []appliedRole{{right, nil}, {foreign, nil}}, "RoleConflict", true, "Role rollcall-supervisor-profile-narrow exists"},
		"one could not be written": {false, []appliedRole{{right, nil}, {absent, refused}}, "RoleNotWritten", false, "exceeded quota"},
		"foreign and not written":  {false, []appliedRole{{foreign, nil}, {absent, refused}}, "RoleConflict", true, "Delete the Role"},
		"one is being deleted":     {false, []appliedRole{{profilerole.Facts{Ownership: ownership.Predecessors, Deleting: true}, nil}, {right, nil}}, "RoleNotWritten", false, "being deleted"},
		"without role bindings":    {true, nil, "IdentityNotSupported", false, "--role-bindings=false"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			observed := observation{now: at, profile: narrow(), supported: !test.unsupported, members: new(int32(3))}
			for _, wanted := range profilerole.Roles(observed.profile) {
				observed.roles = append(observed.roles, observedRole{Role: wanted})
			}
			status := newStatus(observed, test.done)
			conditionstest.CheckReady(t, status.Conditions, 2, test.reason == "Ready", test.reason, test.stalled, test.says)
			if status.ObservedGeneration != 2 || *status.Members != 3 {
				t.Errorf("the status is %+v", status)
			}
			// The count stays without a new one, and Stalled is removed.
			observed.profile.Status = status
			observed.members, observed.supported = nil, true
			again := newStatus(observed, []appliedRole{{right, nil}, {right, nil}})
			if *again.Members != 3 {
				t.Errorf("afterwards %d Members are counted", *again.Members)
			}
			conditionstest.CheckReady(t, again.Conditions, 2, true, "Ready", false)
		})
	}
}

func TestTheMessageOfAFailedRoleStaysWhileItsReasonStays(t *testing.T) {
	t.Parallel()
	observed := observation{now: at, profile: narrow(), supported: true}
	observed.roles = []observedRole{{Role: profilerole.Roles(observed.profile)[0]}}
	first := newStatus(observed, []appliedRole{{profilerole.Facts{}, errors.New("quota: one")}})
	observed.profile.Status = first
	second := newStatus(observed, []appliedRole{{profilerole.Facts{}, errors.New("quota: two")}})
	if got := apimeta.FindStatusCondition(second.Conditions, v1alpha1.ReadyCondition).Message; !strings.Contains(got, "quota: one") {
		t.Errorf("the message is %q", got)
	}
}

func TestAForeignRoleIsCheckedAgainEachMinute(t *testing.T) {
	t.Parallel()
	right, foreign := appliedRole{profilerole.Facts{Ownership: ownership.Ours, AsWanted: true}, nil}, appliedRole{profilerole.Facts{Ownership: ownership.Foreign}, nil}
	for name, test := range map[string]struct {
		recount time.Duration
		done    []appliedRole
		want    time.Duration
	}{
		"nothing to wait for":        {0, []appliedRole{right, right}, 0},
		"a count is due":             {5 * time.Second, []appliedRole{right, right}, 5 * time.Second},
		"a foreign one":              {0, []appliedRole{right, foreign}, time.Minute},
		"a foreign one, and a count": {5 * time.Second, []appliedRole{foreign, right}, 5 * time.Second},
		"without role bindings":      {0, nil, 0},
	} {
		if got := recheckDelay(test.recount, test.done); got != test.want {
			t.Errorf("%s: %s, not %s", name, got, test.want)
		}
	}
}
