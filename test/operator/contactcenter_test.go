package operator

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

func TestTheSuperAdminIsKeptAsTheContactCenterSaysAndACutOffIsNotUndone(t *testing.T) {
	t.Parallel()
	env := operated(t)
	center := env.ContactCenter()
	env.CreateAll(center)
	superAdmin := env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)

	// What the ContactCenter speaks of is put back, the rest stays.
	change(env.exempt(), superAdmin, func(m *v1alpha1.Member) { m.Spec.Name, m.Spec.AgentID, m.Spec.ForceOffline = "Eve", "A-1", true })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, readyButDenied(v1alpha1.LoginReasonForcedOffline), func(m *v1alpha1.Member) error {
		if m.Spec.Name != "Sam Okafor" || m.Spec.AgentID != "A-1" {
			return fmt.Errorf("the spec is %+v", m.Spec)
		}
		return nil
	})
	change(env.exempt(), superAdmin, func(m *v1alpha1.Member) { m.Spec.ForceOffline = false })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready)

	// A reset as anyone's, from the ContactCenter.
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.PasswordReset = "lost" })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, issue(2))
	if got := len(env.Messages("sam@example.com")); got != 2 {
		t.Errorf("there are %d messages", got)
	}

	// Deleted by hand, it comes back; with another address it is another Member.
	env.exempt().delete(superAdmin)
	env.Eventually("it is a new one", func() error {
		found := &v1alpha1.Member{}
		if err := env.Get(t.Context(), client.ObjectKeyFromObject(superAdmin), found); err != nil {
			return err
		}
		if found.UID == superAdmin.UID {
			return errors.New("it is the old one")
		}
		return ready(found)
	})
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.SuperAdmin.Email = "olu@example.com" })
	env.AwaitMember(v1alpha1.SuperAdminMemberName, ready, func(m *v1alpha1.Member) error {
		if m.Spec.Email != "olu@example.com" {
			return errors.New("it has the address of before")
		}
		return nil
	})
	env.awaitCenter(centerReady)
}

func TestAMemberSuperAdminOfSomethingElseIsLeftAlone(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.SkillGroup("owner"))
	owner := &v1alpha1.SkillGroup{}
	if err := env.Get(t.Context(), client.ObjectKey{Namespace: env.Namespace, Name: "owner"}, owner); err != nil {
		t.Fatal(err)
	}
	superAdmin := env.Member(v1alpha1.SuperAdminMemberName)
	superAdmin.Spec.Role = v1alpha1.RoleSuperAdmin
	superAdmin.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(owner, v1alpha1.GroupVersion.WithKind("SkillGroup"))}
	env.exempt().CreateAll(superAdmin)
	env.operate()
	env.CreateAll(env.ContactCenter())
	env.awaitCenter(centerHas(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSuperAdminConflict))
	if now := env.GetMember(v1alpha1.SuperAdminMemberName); now.UID != superAdmin.UID || now.Spec.Email != superAdmin.Spec.Email {
		t.Error("it was changed")
	}
}

// in checks for a Member to be in exactly these groups.
func in(memberships ...v1alpha1.SkillGroupMembership) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if !equality.Semantic.DeepEqual(member.Status.SkillGroups, memberships) {
			return fmt.Errorf("groups are %v, not %v", member.Status.SkillGroups, memberships)
		}
		return nil
	}
}

// awaitGroup waits until a SkillGroup has its counts.
func (env *environment) awaitGroup(name string, members, available int32, unknown ...string) {
	env.Helper()
	group := &v1alpha1.SkillGroup{}
	env.Eventually("SkillGroup "+name, func() error {
		if err := env.Get(env.Context(), client.ObjectKey{Namespace: env.Namespace, Name: name}, group); err != nil {
			return err
		}
		status := group.Status
		if status.ObservedGeneration != group.Generation || ptr.Deref(status.Members, -1) != members || ptr.Deref(status.Available, -1) != available || !slices.Equal(status.UnknownMembers, unknown) {
			return fmt.Errorf("status is %+v", status)
		}
		return nil
	})
	testenv.CheckConditions(env.T, group.Status.Conditions, group.Generation)
	wanted, reason := metav1.ConditionTrue, v1alpha1.ReasonReady
	if len(unknown) > 0 {
		wanted, reason = metav1.ConditionFalse, v1alpha1.ReasonUnknownMembers
	}
	if err := testenv.HasCondition(group.Status.Conditions, v1alpha1.ReadyCondition, wanted, reason); err != nil {
		env.Error(err)
	}
}

func TestMembershipsComeFromThreeSourcesAndTheStrongestWins(t *testing.T) {
	t.Parallel()
	env := operated(t)
	env.CreateAll(env.ContactCenter())
	own, listed, selected := env.SkillGroup("own"), env.SkillGroup("listed"), env.SkillGroup("selected")
	listed.Spec.Members = []v1alpha1.GroupMember{{Name: "ana", Priority: 2}, {Name: "nobody"}}
	selected.Spec.Selector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": "blue"}}
	ana := env.Member("ana")
	ana.Labels = map[string]string{"team": "blue"}
	ana.Spec.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "own", Priority: 1}}
	env.CreateAll(own, listed, selected, ana)
	const byMember, byGroup, bySelector = v1alpha1.MembershipFromMember, v1alpha1.MembershipFromSkillGroup, v1alpha1.MembershipFromSelector
	env.AwaitMember("ana", ready, in(
		v1alpha1.SkillGroupMembership{Name: "listed", Priority: 2, Source: byGroup},
		v1alpha1.SkillGroupMembership{Name: "own", Priority: 1, Source: byMember},
		v1alpha1.SkillGroupMembership{Name: "selected", Priority: 3, Source: bySelector}))
	env.awaitGroup("own", 1, 1)
	env.awaitGroup("listed", 1, 1, "nobody")
	env.awaitGroup("selected", 1, 1)

	// The list wins over the selector, and the Member's own entry over both.
	change(env, selected, func(g *v1alpha1.SkillGroup) { g.Spec.Members = []v1alpha1.GroupMember{{Name: "ana", Priority: 4}} })
	change(env, ana, func(m *v1alpha1.Member) {
		m.Spec.SkillGroups = append(m.Spec.SkillGroups, v1alpha1.SkillGroupReference{Name: "listed", Priority: 5})
	})
	env.AwaitMember("ana", in(
		v1alpha1.SkillGroupMembership{Name: "listed", Priority: 5, Source: byMember},
		v1alpha1.SkillGroupMembership{Name: "own", Priority: 1, Source: byMember},
		v1alpha1.SkillGroupMembership{Name: "selected", Priority: 4, Source: byGroup}))

	// Labels decide on the selector's groups, a priority of the selector shows.
	change(env, selected, func(g *v1alpha1.SkillGroup) { g.Spec.Members, g.Spec.SelectorPriority = nil, 5 })
	env.AwaitMember("ana", func(m *v1alpha1.Member) error {
		return in(v1alpha1.SkillGroupMembership{Name: "selected", Priority: 5, Source: bySelector})(&v1alpha1.Member{
			Status: v1alpha1.MemberStatus{SkillGroups: m.Status.SkillGroups[len(m.Status.SkillGroups)-1:]},
		})
	})
	change(env, ana, func(m *v1alpha1.Member) { m.Labels = nil })
	env.AwaitMember("ana", func(m *v1alpha1.Member) error {
		if len(m.Status.SkillGroups) != 2 {
			return fmt.Errorf("groups are %v", m.Status.SkillGroups)
		}
		return nil
	})
	env.awaitGroup("selected", 0, 0)

	// Deleting a group leaves its members; who asks for it is told.
	env.delete(own)
	env.AwaitMember("ana", has(v1alpha1.SkillGroupsJoinedCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound),
		has(v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSkillGroupNotFound),
		login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive))
	env.CreateAll(env.SkillGroup("own"))
	env.AwaitMember("ana", ready)
}

func TestAGroupCountsMembersWhoseLoginIsAllowed(t *testing.T) {
	t.Parallel()
	env := operated(t)
	everybody := env.SkillGroup("everybody")
	everybody.Spec.Selector = &metav1.LabelSelector{}
	env.CreateAll(env.ContactCenter(), everybody)
	env.addMembers(5)
	env.awaitGroup("everybody", 6, 6) // the Super Admin too
	change(env, env.Member("member-0"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.awaitGroup("everybody", 6, 5)
	env.delete(env.GetMember("member-1"))
	env.awaitGroup("everybody", 5, 4)
	env.awaitCenter(memberCounts(v1alpha1.MemberCounts{Total: 5, LoginAllowed: 4, ForcedOffline: 1}))
}

func TestASelectorThatCannotBeEvaluatedIsReported(t *testing.T) {
	t.Parallel()
	env := operated(t)
	broken := env.SkillGroup("broken")
	broken.Spec.Selector = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: "Around"}}}
	env.CreateAll(broken)
	env.Eventually("it is Stalled", func() error {
		if err := env.Get(t.Context(), client.ObjectKeyFromObject(broken), broken); err != nil {
			return err
		}
		return errors.Join(
			testenv.HasCondition(broken.Status.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, v1alpha1.ReasonSelectorInvalid),
			testenv.HasCondition(broken.Status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSelectorInvalid))
	})
}
