package operator

import (
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestATeamAwaitsItsSite(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	north, elsewhere := env.team("north", "paris"), env.team("elsewhere", "lyon")
	env.CreateAll(north, elsewhere)
	env.await(north, isWithoutSite, counts(0))
	env.CreateAll(env.site("paris"))
	env.await(north, isReady)
	env.await(elsewhere, isWithoutSite)
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
	env.await(holder, isReady)
	env.await(second, isDuplicate)
	env.await(elsewhere, isReady)
	change(env, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "Scarlet" })
	env.await(second, isReady)
	change(env, holder, func(t *v1alpha1.Team) { t.Spec.DisplayName = "rED" })
	env.await(second, isDuplicate)
	env.delete(holder)
	env.await(second, isReady)
}

func TestATeamCountsItsMembersAndInUseCanBeDeleted(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	north, south := env.team("north", "paris"), env.team("south", "paris")
	ana := env.Member("ana", at("paris", "north", "south"))
	env.CreateAll(env.ContactCenter(), env.site("paris"), north, south, ana, env.Member("bea", at("paris", "north")))
	env.await(north, isReady, counts(2))
	env.await(south, isReady, counts(1))
	// Who is in it follows what counts, not what is asked for.
	change(env, north, func(t *v1alpha1.Team) { t.Spec.Active = new(false) })
	env.await(north, isReady, counts(0))
	change(env, north, func(t *v1alpha1.Team) { t.Spec.Active = new(true) })
	env.await(north, isReady, counts(2))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Teams = []string{"south"} })
	env.await(north, counts(1))

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
	env.await(voice, isReady, counts(2))
	change(env, bea, func(m *v1alpha1.Member) { m.Spec.DesktopProfile = "" })
	change(env, voice, func(p *v1alpha1.DesktopProfile) { p.Spec.AutoAnswer = true })
	env.await(voice, isReady, counts(1))
	env.delete(voice)
	env.awaitGone(voice)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonProfileNotFound, "voice"))
}
