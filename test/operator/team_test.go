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

// teamCounts checks for a Team with so many members.
func teamCounts(members int32) func(*v1alpha1.Team) error {
	return func(team *v1alpha1.Team) error { return counts("members", team.Status.Members, members) }
}

func TestATeamAwaitsItsSite(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	north, elsewhere := env.team("north", "paris"), env.team("elsewhere", "lyon")
	env.CreateAll(north, elsewhere)
	env.awaitTeam(north, teamWithoutSite, teamCounts(0))
	env.CreateAll(env.site("paris"))
	env.awaitTeam(north, teamReady)
	env.awaitTeam(elsewhere, teamWithoutSite)
}

func TestATeamsDisplayNameIsUniqueAtItsSite(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	one, two, elsewhere := env.team("red", "paris"), env.team("crimson", "paris"), env.team("rouge", "lyon")
	one.Spec.DisplayName, two.Spec.DisplayName, elsewhere.Spec.DisplayName = "Red", "RED", "red"
	env.CreateAll(env.site("paris"), env.site("lyon"), one, two, elsewhere)
	teams := byAge(one, two)
	holder, second := teams[0], teams[1]
	env.awaitTeam(holder, teamReady)
	env.awaitTeam(second, teamDuplicate)
	env.awaitTeam(elsewhere, teamReady)
	change(env, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "Scarlet" })
	env.awaitTeam(second, teamReady)
	change(env, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "rED" })
	env.awaitTeam(second, teamDuplicate)
	env.delete(holder)
	env.awaitTeam(second, teamReady)
}

func TestATeamCountsItsMembersAndInUseCanBeDeleted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	north, south := env.team("north", "paris"), env.team("south", "paris")
	ana, bea := env.Member("ana"), env.Member("bea")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north", "south"}
	bea.Spec.Site, bea.Spec.Teams = "paris", []string{"north"}
	env.CreateAll(env.ContactCenter(), env.site("paris"), north, south, ana, bea)
	env.awaitTeam(north, teamReady, teamCounts(2))
	env.awaitTeam(south, teamReady, teamCounts(1))
	// Who is in it follows what counts, not what is asked for.
	change(env, north, func(t *v1alpha1.Team) { t.Spec.Active = new(false) })
	env.awaitTeam(north, teamReady, teamCounts(0))
	change(env, north, func(t *v1alpha1.Team) { t.Spec.Active = new(true) })
	env.awaitTeam(north, teamReady, teamCounts(2))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Teams = []string{"south"} })
	env.awaitTeam(north, teamCounts(1))

	env.delete(south)
	env.awaitGone(south)
	env.AwaitMember("ana", isPlaced("site paris (Member)", v1alpha1.ReasonTeamNotFound, "south"))
	env.AwaitMember("bea", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
}

func TestADesktopProfileCountsItsMembersAndInUseCanBeDeleted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	voice := env.desktop("voice")
	ana, bea := env.Member("ana"), env.Member("bea")
	ana.Spec.DesktopProfile, bea.Spec.DesktopProfile = "voice", "voice"
	env.CreateAll(env.ContactCenter(), voice, ana, bea)
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
	awaitStatus(env, voice, status, profileReady, holds(2))
	change(env, bea, func(m *v1alpha1.Member) { m.Spec.DesktopProfile = "" })
	change(env, voice, func(p *v1alpha1.DesktopProfile) { p.Spec.AutoAnswer = true })
	awaitStatus(env, voice, status, profileReady, holds(1))
	env.delete(voice)
	env.awaitGone(voice)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonProfileNotFound, "voice"))
}

// desktop is a DesktopProfile.
func (env *environment) desktop(name string) *v1alpha1.DesktopProfile {
	return &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}}
}
