package operator

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// objectStatus is what the tests read of the status of a Site, Team, MemberTemplate,
// UserProfile or DesktopProfile.
type objectStatus struct {
	ObservedGeneration                          int64
	Conditions                                  []metav1.Condition
	Members, Teams, Matched, Applied, Overruled *int32
	Preview                                     *v1alpha1.TemplatePreview
}

// await waits until the operator has observed an object and the checks pass, and returns
// the version that it read.
func (env *environment) await(object client.Object, checks ...func(objectStatus) error) *unstructured.Unstructured {
	env.Helper()
	kind, err := env.GroupVersionKindFor(object)
	if err != nil {
		env.Fatal(err)
	}
	read := &unstructured.Unstructured{}
	var found struct{ Status objectStatus }
	env.Eventually(fmt.Sprintf("%s %s", kind.Kind, object.GetName()), func() error {
		read.SetGroupVersionKind(kind)
		if err := env.Get(env.Context(), client.ObjectKeyFromObject(object), read); err != nil {
			return err
		}
		text, err := read.MarshalJSON()
		if err != nil {
			return err
		}
		found.Status = objectStatus{}
		problems := []error{json.Unmarshal(text, &found)}
		if found.Status.ObservedGeneration != read.GetGeneration() {
			problems = append(problems, fmt.Errorf("observedGeneration is %d, generation %d", found.Status.ObservedGeneration, read.GetGeneration()))
		}
		for _, check := range checks {
			problems = append(problems, check(found.Status))
		}
		return errors.Join(problems...)
	})
	testenv.CheckConditions(env.T, found.Status.Conditions, read.GetGeneration())
	return read
}

// is wants Ready for a reason, which says whether it is True, and Stalled for the same
// reason where only a person can help, or not at all.
func is(reason string) func(objectStatus) error {
	status := metav1.ConditionFalse
	if reason == v1alpha1.ReasonReady || reason == v1alpha1.ReasonSuspended {
		status = metav1.ConditionTrue
	}
	stalled := []string{v1alpha1.ReasonDuplicateDisplayName, v1alpha1.ReasonSelectorInvalid, v1alpha1.ReasonRoleConflict}
	return func(s objectStatus) error {
		problem := testenv.HasCondition(s.Conditions, v1alpha1.ReadyCondition, status, reason)
		if slices.Contains(stalled, reason) {
			return errors.Join(problem, testenv.HasCondition(s.Conditions, v1alpha1.StalledCondition, metav1.ConditionTrue, reason))
		}
		if condition := apimeta.FindStatusCondition(s.Conditions, v1alpha1.StalledCondition); condition != nil {
			problem = errors.Join(problem, fmt.Errorf("stalled is %+v", condition))
		}
		return problem
	}
}

var isReady, isDuplicate, isWithoutSite = is(v1alpha1.ReasonReady), is(v1alpha1.ReasonDuplicateDisplayName), is(v1alpha1.ReasonSiteNotFound)

// counts wants the numbers of a status, in the order of objectStatus.
func counts(want ...int32) func(objectStatus) error {
	return func(s objectStatus) error {
		var got []int32
		for _, number := range []*int32{s.Members, s.Teams, s.Matched, s.Applied, s.Overruled} {
			if number != nil {
				got = append(got, *number)
			}
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("the counts are %d, not %d", got, want)
		}
		return nil
	}
}

// byAge sorts objects by who was there first.
func byAge[T client.Object](objects ...T) []T {
	slices.SortFunc(objects, func(a, b T) int {
		return cmp.Or(a.GetCreationTimestamp().Compare(b.GetCreationTimestamp().Time), cmp.Compare(a.GetUID(), b.GetUID()))
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
	env.await(holder, isReady)
	env.await(second, isDuplicate)
	env.await(other, isReady)

	// It recovers by itself when the holder has another name, or goes.
	change(env, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Orly" })
	env.await(second, isReady)
	change(env, holder, func(s *v1alpha1.Site) { s.Spec.DisplayName = "évry" })
	env.await(second, isDuplicate)
	env.await(holder, isReady)
	env.delete(holder)
	env.await(second, isReady)

	// And when it takes another name itself.
	third := env.site("third")
	third.Spec.DisplayName = second.Spec.DisplayName
	env.CreateAll(third)
	younger := byAge(second, third)[1]
	env.await(younger, isDuplicate)
	change(env, younger, func(s *v1alpha1.Site) { s.Spec.DisplayName = "Massy" })
	env.await(younger, isReady)
}

func TestASiteCountsItsMembersAndTeams(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	paris, lyon := env.site("paris"), env.site("lyon")
	ana, bea := env.Member("ana", at("paris")), env.Member("bea", at("paris"))
	north := env.team("north", "paris")
	env.CreateAll(env.ContactCenter(), paris, lyon, north, env.team("south", "paris"), ana, bea)
	env.await(paris, isReady, counts(2, 2))
	env.await(lyon, isReady, counts(0, 0))
	change(env, bea, func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	env.delete(north)
	env.await(paris, counts(1, 1))
	env.await(lyon, counts(1, 0))
	env.delete(ana)
	env.await(paris, counts(0, 1))
}

func TestASiteInUseCanBeDeletedAndComeBack(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	paris, north := env.site("paris"), env.team("north", "paris")
	env.CreateAll(env.ContactCenter(), paris, north, env.Member("ana", at("paris", "north")))
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	env.await(north, isReady, counts(1))

	env.delete(paris)
	env.awaitGone(paris)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound, "paris"))
	env.await(north, isWithoutSite, counts(0))

	again := env.site("paris")
	env.CreateAll(again)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	env.await(north, isReady, counts(1))
	env.await(again, isReady, counts(1, 1))
}
