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
)

// awaitStatus waits until the status of an object is about its spec as it is now,
// and as a check wants it.
func awaitStatus[T client.Object](w *world, object T, status func(T) (observed int64, conditions []metav1.Condition), checks ...func(T) error) T {
	w.Helper()
	found, ok := object.DeepCopyObject().(T)
	if !ok {
		w.Fatalf("%T copies to another type", object)
	}
	w.eventually(fmt.Sprintf("%T %s", object, object.GetName()), func() error {
		if err := w.Get(w.Context(), client.ObjectKeyFromObject(object), found); err != nil {
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
	checkConditions(w.T, conditions, found.GetGeneration())
	return found
}

// isReady is Ready True or False with a reason, and Stalled for the same reason or
// not at all.
func isReady(conditions []metav1.Condition, status metav1.ConditionStatus, reason string, stalled bool) error {
	problem := hasCondition(conditions, v1alpha1.ReadyCondition, status, reason)
	if stalled {
		return errors.Join(problem, hasCondition(conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
	}
	for _, condition := range conditions {
		if condition.Type == v1alpha1.StalledCondition {
			problem = errors.Join(problem, fmt.Errorf("stalled is %+v", condition))
		}
	}
	return problem
}

// counts wants a number in a status.
func counts(what string, got *int32, want int32) error {
	if ptr.Deref(got, -1) != want {
		return fmt.Errorf("%s are %d, not %d", what, ptr.Deref(got, -1), want)
	}
	return nil
}

// awaitSite waits until a Site is as checks want it.
func (w *world) awaitSite(site *v1alpha1.Site, checks ...func(*v1alpha1.Site) error) {
	w.Helper()
	awaitStatus(w, site, func(s *v1alpha1.Site) (int64, []metav1.Condition) {
		return s.Status.ObservedGeneration, s.Status.Conditions
	}, checks...)
}

// awaitTeam waits until a Team is as checks want it.
func (w *world) awaitTeam(team *v1alpha1.Team, checks ...func(*v1alpha1.Team) error) {
	w.Helper()
	awaitStatus(w, team, func(t *v1alpha1.Team) (int64, []metav1.Condition) {
		return t.Status.ObservedGeneration, t.Status.Conditions
	}, checks...)
}

func siteReady(site *v1alpha1.Site) error {
	return isReady(site.Status.Conditions, metav1.ConditionTrue, v1alpha1.ReasonReady, false)
}

func siteDuplicate(site *v1alpha1.Site) error {
	return isReady(site.Status.Conditions, metav1.ConditionFalse, v1alpha1.ReasonDuplicateDisplayName, true)
}

// siteCounts wants a Site with so many members and teams.
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
	w := newWorld(t)
	w.operate()
	one, two, other := w.site("paris"), w.site("paris-too"), w.site("lyon")
	one.Spec.DisplayName, two.Spec.DisplayName = "Évry", "ÉVRY"
	w.create(one, two, other)
	sites := byAge(one, two)
	holder, second := sites[0], sites[1]
	w.awaitSite(holder, siteReady)
	w.awaitSite(second, siteDuplicate)
	w.awaitSite(other, siteReady)

	// It recovers by itself when the holder has another name, or goes.
	change(w, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Orly" })
	w.awaitSite(second, siteReady)
	change(w, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "évry" })
	w.awaitSite(second, siteDuplicate)
	w.awaitSite(holder, siteReady)
	w.delete(holder)
	w.awaitSite(second, siteReady)

	// And when it takes another name itself.
	third := w.site("third")
	third.Spec.DisplayName = second.Spec.DisplayName
	w.create(third)
	younger := byAge(second, third)[1]
	w.awaitSite(younger, siteDuplicate)
	change(w, younger, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Massy" })
	w.awaitSite(younger, siteReady)
}

func TestASiteCountsItsMembersAndTeams(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	paris, lyon := w.site("paris"), w.site("lyon")
	ana, bea := w.member("ana"), w.member("bea")
	ana.Spec.Site, bea.Spec.Site = "paris", "paris"
	north := w.team("north", "paris")
	w.create(w.center(), paris, lyon, north, w.team("south", "paris"), ana, bea)
	w.awaitSite(paris, siteReady, siteCounts(2, 2))
	w.awaitSite(lyon, siteReady, siteCounts(0, 0))
	change(w, bea, func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	w.delete(north)
	w.awaitSite(paris, siteCounts(1, 1))
	w.awaitSite(lyon, siteCounts(1, 0))
	w.delete(ana)
	w.awaitSite(paris, siteCounts(0, 1))
}

func TestASiteInUseCanBeDeletedAndComeBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	paris, north := w.site("paris"), w.team("north", "paris")
	ana := w.member("ana")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north"}
	w.create(w.center(), paris, north, ana)
	w.await("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	w.awaitTeam(north, teamReady, teamCounts(1))

	w.delete(paris)
	w.gone(paris)
	w.await("ana", isPlaced("", v1alpha1.ReasonSiteNotFound, "paris"))
	w.awaitTeam(north, teamWithoutSite, teamCounts(0))

	again := w.site("paris")
	w.create(again)
	w.await("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	w.awaitTeam(north, teamReady, teamCounts(1))
	w.awaitSite(again, siteReady, siteCounts(1, 1))
}
