package operator

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func teamReady(team *v1alpha1.Team) error {
	return isReady(team.Status.Conditions, metav1.ConditionTrue, v1alpha1.ReasonReady, false)
}

func teamWithoutSite(team *v1alpha1.Team) error {
	return isReady(team.Status.Conditions, metav1.ConditionFalse, v1alpha1.ReasonSiteNotFound, false)
}

func teamDuplicate(team *v1alpha1.Team) error {
	return isReady(team.Status.Conditions, metav1.ConditionFalse, v1alpha1.ReasonDuplicateDisplayName, true)
}

// teamCounts wants a Team with so many members.
func teamCounts(members int32) func(*v1alpha1.Team) error {
	return func(team *v1alpha1.Team) error { return counts("members", team.Status.Members, members) }
}

func TestATeamAwaitsItsSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	north, elsewhere := w.team("north", "paris"), w.team("elsewhere", "lyon")
	w.create(north, elsewhere)
	w.awaitTeam(north, teamWithoutSite, teamCounts(0))
	w.create(w.site("paris"))
	w.awaitTeam(north, teamReady)
	w.awaitTeam(elsewhere, teamWithoutSite)
}

func TestATeamsDisplayNameIsUniqueAtItsSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	one, two, elsewhere := w.team("red", "paris"), w.team("crimson", "paris"), w.team("rouge", "lyon")
	one.Spec.DisplayName, two.Spec.DisplayName, elsewhere.Spec.DisplayName = "Red", "RED", "red"
	w.create(w.site("paris"), w.site("lyon"), one, two, elsewhere)
	teams := byAge(one, two)
	holder, second := teams[0], teams[1]
	w.awaitTeam(holder, teamReady)
	w.awaitTeam(second, teamDuplicate)
	w.awaitTeam(elsewhere, teamReady)
	change(w, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "Scarlet" })
	w.awaitTeam(second, teamReady)
	change(w, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "rED" })
	w.awaitTeam(second, teamDuplicate)
	w.delete(holder)
	w.awaitTeam(second, teamReady)
}

func TestATeamCountsItsMembersAndInUseCanBeDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	north, south := w.team("north", "paris"), w.team("south", "paris")
	ana, bea := w.member("ana"), w.member("bea")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north", "south"}
	bea.Spec.Site, bea.Spec.Teams = "paris", []string{"north"}
	w.create(w.center(), w.site("paris"), north, south, ana, bea)
	w.awaitTeam(north, teamReady, teamCounts(2))
	w.awaitTeam(south, teamReady, teamCounts(1))
	// Who is in it follows what counts, not what is asked for.
	change(w, north, func(t *v1alpha1.Team) { t.Spec.Active = new(false) })
	w.awaitTeam(north, teamReady, teamCounts(0))
	change(w, north, func(t *v1alpha1.Team) { t.Spec.Active = new(true) })
	w.awaitTeam(north, teamReady, teamCounts(2))
	change(w, ana, func(m *v1alpha1.Member) { m.Spec.Teams = []string{"south"} })
	w.awaitTeam(north, teamCounts(1))

	w.delete(south)
	w.gone(south)
	w.await("ana", isPlaced("site paris (Member)", v1alpha1.ReasonTeamNotFound, "south"))
	w.await("bea", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
}

func TestADesktopProfileCountsItsMembersAndInUseCanBeDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.operate()
	voice := w.desktop("voice")
	ana, bea := w.member("ana"), w.member("bea")
	ana.Spec.DesktopProfile, bea.Spec.DesktopProfile = "voice", "voice"
	w.create(w.center(), voice, ana, bea)
	holds := func(members int32) func(*v1alpha1.DesktopProfile) error {
		return func(profile *v1alpha1.DesktopProfile) error {
			return counts("members", profile.Status.Members, members)
		}
	}
	status := func(p *v1alpha1.DesktopProfile) (int64, []metav1.Condition) {
		return p.Status.ObservedGeneration, p.Status.Conditions
	}
	profileReady := func(p *v1alpha1.DesktopProfile) error {
		return isReady(p.Status.Conditions, metav1.ConditionTrue, v1alpha1.ReasonReady, false)
	}
	awaitStatus(w, voice, status, profileReady, holds(2))
	change(w, bea, func(m *v1alpha1.Member) { m.Spec.DesktopProfile = "" })
	change(w, voice, func(p *v1alpha1.DesktopProfile) { p.Spec.AutoAnswer = true })
	awaitStatus(w, voice, status, profileReady, holds(1))
	w.delete(voice)
	w.gone(voice)
	w.await("ana", isPlaced("", v1alpha1.ReasonProfileNotFound, "voice"))
}

// desktop is a DesktopProfile.
func (w *world) desktop(name string) *v1alpha1.DesktopProfile {
	return &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}}
}
