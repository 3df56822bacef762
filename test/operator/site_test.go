package operator

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// awaitStatus waits until the status of an object is about its spec as it is now,
// and as a check wants it.
func awaitStatus[T client.Object](env *environment, object T, status func(T) (observed int64, conditions []metav1.Condition), checks ...func(T) error) T {
	env.Helper()
	found, ok := object.DeepCopyObject().(T)
	if !ok {
		env.Fatalf("%T copies to another type", object)
	}
	env.Eventually(fmt.Sprintf("%T %s", object, object.GetName()), func() error {
		if err := env.Get(env.Context(), client.ObjectKeyFromObject(object), found); err != nil {
			return err
		}
		if observed, _ := status(found); observed != found.GetGeneration() {
			return fmt.Errorf("observedGeneration is %d, generation %d", observed, found.GetGeneration())
		}
		var problems []error
		for _, check := range checks {
			problems = append(problems, check(found))
		}
		return errors.Join(problems...)
	})
	_, conditions := status(found)
	testenv.CheckConditions(env.T, conditions, found.GetGeneration())
	return found
}

// isReady is Ready True or False with a reason, and Stalled for the same reason or
// not at all.
func isReady(conditions []metav1.Condition, status metav1.ConditionStatus, reason string, stalled bool) error {
	problem := testenv.HasCondition(conditions, v1alpha1.ReadyCondition, status, reason)
	if stalled {
		return errors.Join(problem, testenv.HasCondition(conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
	}
	for _, condition := range conditions {
		if condition.Type == v1alpha1.StalledCondition {
			problem = errors.Join(problem, fmt.Errorf("stalled is %+v", condition))
		}
	}
	return problem
}

// counts checks for a number in a status.
func counts(what string, got *int32, want int32) error {
	if ptr.Deref(got, -1) != want {
		return fmt.Errorf("%s are %d, not %d", what, ptr.Deref(got, -1), want)
	}
	return nil
}

// awaitSite waits until a Site is as checks want it.
func (env *environment) awaitSite(site *v1alpha1.Site, checks ...func(*v1alpha1.Site) error) {
	env.Helper()
	awaitStatus(env, site, func(s *v1alpha1.Site) (int64, []metav1.Condition) {
		return s.Status.ObservedGeneration, s.Status.Conditions
	}, checks...)
}

// awaitTeam waits until a Team is as checks want it.
func (env *environment) awaitTeam(team *v1alpha1.Team, checks ...func(*v1alpha1.Team) error) {
	env.Helper()
	awaitStatus(env, team, func(t *v1alpha1.Team) (int64, []metav1.Condition) {
		return t.Status.ObservedGeneration, t.Status.Conditions
	}, checks...)
}

func siteReady(site *v1alpha1.Site) error {
	return isReady(site.Status.Conditions, metav1.ConditionTrue, v1alpha1.ReasonReady, false)
}

func siteDuplicate(site *v1alpha1.Site) error {
	return isReady(site.Status.Conditions, metav1.ConditionFalse, v1alpha1.ReasonDuplicateDisplayName, true)
}

// siteCounts checks for a Site with so many members and teams.
func siteCounts(members, teams int32) func(*v1alpha1.Site) error {
	return func(site *v1alpha1.Site) error {
		return errors.Join(counts("members", site.Status.Members, members), counts("teams", site.Status.Teams, teams))
	}
}

// byAge sorts objects by who was there first.
func byAge[T client.Object](objects ...T) []T {
	slices.SortFunc(objects, func(a, b T) int {
		if order := a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time); order != 0 {
			return order
		}
		return slices.Compare([]byte(a.GetUID()), []byte(b.GetUID()))
	})
	return objects
}

func TestOfTwoSitesWithOneDisplayNameTheOlderHoldsIt(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	one, two, other := env.site("paris"), env.site("paris-too"), env.site("lyon")
	one.Spec.DisplayName, two.Spec.DisplayName = "Évry", "ÉVRY"
	env.CreateAll(one, two, other)
	sites := byAge(one, two)
	holder, second := sites[0], sites[1]
	env.awaitSite(holder, siteReady)
	env.awaitSite(second, siteDuplicate)
	env.awaitSite(other, siteReady)

	// It recovers by itself when the holder has another name, or goes.
	change(env, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Orly" })
	env.awaitSite(second, siteReady)
	change(env, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "évry" })
	env.awaitSite(second, siteDuplicate)
	env.awaitSite(holder, siteReady)
	env.delete(holder)
	env.awaitSite(second, siteReady)

	// And when it takes another name itself.
	third := env.site("third")
	third.Spec.DisplayName = second.Spec.DisplayName
	env.CreateAll(third)
	younger := byAge(second, third)[1]
	env.awaitSite(younger, siteDuplicate)
	change(env, younger, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Massy" })
	env.awaitSite(younger, siteReady)
}

func TestASiteCountsItsMembersAndTeams(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	paris, lyon := env.site("paris"), env.site("lyon")
	ana, bea := env.Member("ana"), env.Member("bea")
	ana.Spec.Site, bea.Spec.Site = "paris", "paris"
	north := env.team("north", "paris")
	env.CreateAll(env.ContactCenter(), paris, lyon, north, env.team("south", "paris"), ana, bea)
	env.awaitSite(paris, siteReady, siteCounts(2, 2))
	env.awaitSite(lyon, siteReady, siteCounts(0, 0))
	change(env, bea, func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	env.delete(north)
	env.awaitSite(paris, siteCounts(1, 1))
	env.awaitSite(lyon, siteCounts(1, 0))
	env.delete(ana)
	env.awaitSite(paris, siteCounts(0, 1))
}

func TestASiteInUseCanBeDeletedAndComeBack(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	paris, north := env.site("paris"), env.team("north", "paris")
	ana := env.Member("ana")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north"}
	env.CreateAll(env.ContactCenter(), paris, north, ana)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	env.awaitTeam(north, teamReady, teamCounts(1))

	env.delete(paris)
	env.awaitGone(paris)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound, "paris"))
	env.awaitTeam(north, teamWithoutSite, teamCounts(0))

	again := env.site("paris")
	env.CreateAll(again)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	env.awaitTeam(north, teamReady, teamCounts(1))
	env.awaitSite(again, siteReady, siteCounts(1, 1))
}
