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
	for i := range 5 {
		env.CreateAll(env.Member(fmt.Sprintf("member-%d", i)))
	}
	env.awaitGroup("everybody", 6, 6) // the Super Admin too
	change(env, env.Member("member-0"), func(m *v1alpha1.Member) { m.Spec.ForceOffline = true })
	env.awaitGroup("everybody", 6, 5)
	env.delete(env.GetMember("member-1"))
	env.awaitGroup("everybody", 5, 4)
	env.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		if counts := status.Members; counts == nil || *counts != (v1alpha1.MemberCounts{Total: 5, LoginAllowed: 4, ForcedOffline: 1}) {
			return fmt.Errorf("counts are %+v", counts)
		}
		return nil
	})
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
