package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// named gives an object its namespace and name.
func named[T client.Object](env *environment, object T, name string) T {
	object.SetNamespace(env.Namespace)
	object.SetName(name)
	return object
}

// site returns a Site.
func (env *environment) site(name string) *v1alpha1.Site {
	return named(env, &v1alpha1.Site{Spec: v1alpha1.SiteSpec{DisplayName: "Site " + name}}, name)
}

// team returns a Team of members at a site.
func (env *environment) team(name, site string) *v1alpha1.Team {
	return named(env, &v1alpha1.Team{Spec: v1alpha1.TeamSpec{DisplayName: "Team " + name, Site: site}}, name)
}

// desktop returns a DesktopProfile.
func (env *environment) desktop(name string) *v1alpha1.DesktopProfile {
	return named(env, &v1alpha1.DesktopProfile{}, name)
}

// at places a Member at a site and in teams.
func at(site string, teams ...string) func(*v1alpha1.MemberSpec) {
	return func(spec *v1alpha1.MemberSpec) { spec.Site, spec.Teams = site, teams }
}

// placed returns where a Member is, in one line.
func placed(member *v1alpha1.Member) string {
	var parts []string
	add := func(what string, assigned ...v1alpha1.Assignment) {
		for _, one := range assigned {
			parts = append(parts, fmt.Sprintf("%s %s (%s)", what, one.Name, one.Source))
		}
	}
	if site := member.Status.Site; site != nil {
		add("site", *site)
	}
	add("team", member.Status.Teams...)
	if profile := member.Status.DesktopProfile; profile != nil {
		add("desktop", *profile)
	}
	return strings.Join(parts, ", ")
}

// isPlaced checks for a Member to be there, and PlacementResolved to say so or why not.
func isPlaced(where, reason string, words ...string) func(*v1alpha1.Member) error {
	return func(member *v1alpha1.Member) error {
		if got := placed(member); got != where {
			return fmt.Errorf("it is at %q, not at %q", got, where)
		}
		status := metav1.ConditionFalse
		if reason == v1alpha1.ReasonResolved {
			status = metav1.ConditionTrue
		}
		problems := []error{has(v1alpha1.PlacementResolvedCondition, status, reason)(member)}
		if status == metav1.ConditionFalse {
			problems = append(problems, has(v1alpha1.ReadyCondition, metav1.ConditionFalse, reason)(member))
		}
		if condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.PlacementResolvedCondition); condition != nil {
			for _, word := range words {
				if !strings.Contains(condition.Message, word) {
					problems = append(problems, fmt.Errorf("the message %q lacks %q", condition.Message, word))
				}
			}
		}
		// The place of work does not affect login.
		return errors.Join(append(problems, login(v1alpha1.LoginAllowed, v1alpha1.LoginReasonActive)(member))...)
	}
}

func TestAChangeOfSiteDropsTheTeamsThatAreNotThere(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	ana := env.Member("ana", at("paris", "north", "south"))
	env.CreateAll(env.ContactCenter(), env.site("paris"), env.site("lyon"), env.team("north", "paris"), env.team("south", "paris"), env.team("hill", "lyon"), ana)
	env.AwaitMember("ana", ready, isPlaced("site paris (Member), team north (Member), team south (Member)", v1alpha1.ReasonResolved))

	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Site = "lyon" })
	moved := env.AwaitMember("ana", isPlaced("site lyon (Member)", v1alpha1.ReasonTeamNotAtSite, "Team north", "Team south", "Site paris", "at lyon"))
	if !slices.Equal(moved.Spec.Teams, []string{"north", "south"}) {
		t.Errorf("spec.teams are %v", moved.Spec.Teams)
	}
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Teams = []string{"south", "hill"} })
	env.AwaitMember("ana", isPlaced("site lyon (Member), team hill (Member)", v1alpha1.ReasonTeamNotAtSite, "Team south"))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Site, m.Spec.Teams = "paris", []string{"south"} })
	env.AwaitMember("ana", ready, isPlaced("site paris (Member), team south (Member)", v1alpha1.ReasonResolved))
}

func TestWhatMembersAreAtMayComeLaterAndGo(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	ana := env.Member("ana", at("paris", "north"))
	ana.Spec.DesktopProfile, ana.Spec.UserProfile = "chat", "lead"
	env.CreateAll(env.ContactCenter(), ana)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound, "No Site is named paris", "No Team is named north", "No DesktopProfile is named chat", "No UserProfile is named lead"))
	desktop, site, team := env.desktop("chat"), env.site("paris"), env.team("north", "paris")
	const atSite, inTeam = "site paris (Member)", "site paris (Member), team north (Member)"
	for _, step := range []struct {
		object client.Object
		check  func(*v1alpha1.Member) error
	}{
		{site, isPlaced(atSite, v1alpha1.ReasonTeamNotFound)},
		{team, isPlaced(inTeam, v1alpha1.ReasonProfileNotFound, "UserProfile")},
		{named(env, &v1alpha1.UserProfile{}, "lead"), isPlaced(inTeam, v1alpha1.ReasonProfileNotFound, "DesktopProfile")},
		{desktop, isPlaced(inTeam+", desktop chat (Member)", v1alpha1.ReasonResolved)},
	} {
		env.CreateAll(step.object)
		env.AwaitMember("ana", step.check)
	}
	env.AwaitMember("ana", ready)
	for _, step := range []struct {
		object client.Object
		check  func(*v1alpha1.Member) error
	}{
		{desktop, isPlaced(inTeam, v1alpha1.ReasonProfileNotFound)},
		{team, isPlaced(atSite, v1alpha1.ReasonTeamNotFound)},
		{site, isPlaced("", v1alpha1.ReasonSiteNotFound)},
	} {
		env.delete(step.object)
		env.AwaitMember("ana", step.check)
	}
	env.CheckMessages("ana", 1)
}

func TestATeamThatTakesNoMembersHasNone(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	outside := env.team("outside", "paris")
	outside.Spec.Type, outside.Spec.DialNumber, outside.Spec.Capacity = v1alpha1.TeamCapacity, "+33123456789", 5
	north := env.team("north", "paris")
	ana := env.Member("ana", at("paris", "north", "outside"))
	env.CreateAll(env.ContactCenter(), env.site("paris"), outside, north, ana)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonTeamTakesNoMembers, "outside", "Capacity"))
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Teams = []string{"north"} })
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonResolved))
	change(env, north, func(team *v1alpha1.Team) { team.Spec.Active = new(false) })
	env.AwaitMember("ana", isPlaced("site paris (Member)", v1alpha1.ReasonTeamTakesNoMembers, "north", "not active"))
	// Without a site of one's own there is none to be in a team at.
	change(env, ana, func(m *v1alpha1.Member) { m.Spec.Site = "" })
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonTeamNotAtSite, "Set spec.site."))
}

func TestDefaultsApplyToMembersThatSetNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.operate()
	center := env.ContactCenter()
	center.Spec.Defaults = &v1alpha1.Defaults{Site: "paris", DesktopProfile: "chat"}
	env.CreateAll(center, env.site("lyon"), env.Member("ana"), env.Member("bea", at("lyon")))
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound))
	env.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		return testenv.HasCondition(status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSiteNotFound)
	})
	// No spec or status names them.
	env.CreateAll(env.site("paris"), env.desktop("chat"))
	env.AwaitMember("ana", ready, isPlaced("site paris (Default), desktop chat (Default)", v1alpha1.ReasonResolved))
	env.AwaitMember("bea", ready, isPlaced("site lyon (Member), desktop chat (Default)", v1alpha1.ReasonResolved))
	env.awaitCenter(centerReady)
	change(env, center, func(c *v1alpha1.ContactCenter) { c.Spec.Defaults = &v1alpha1.Defaults{Site: "lyon"} })
	env.AwaitMember("ana", ready, isPlaced("site lyon (Default)", v1alpha1.ReasonResolved))
}

func TestARestartOverPlacedAndLicensedMembersWritesNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	stop := env.operate()
	center := env.licensed(2, 1)
	center.Spec.Defaults = &v1alpha1.Defaults{Site: "paris"}
	template := named(env, &v1alpha1.MemberTemplate{Spec: v1alpha1.MemberTemplateSpec{
		ApplyTo: v1alpha1.ApplyToAllMembers, License: v1alpha1.TierStandard, Teams: []string{"north", "gone"},
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "nowhere"}},
	}}, "all")
	objects := []client.Object{center, env.site("paris"), env.team("north", "paris"), template}
	for i := range 6 {
		objects = append(objects, env.Member(fmt.Sprint("member-", i)))
	}
	env.CreateAll(objects...)
	env.Eventually("seats", func() error {
		held, waiting := 0, 0
		for _, member := range env.Members() {
			if license := member.Status.License; license != nil && license.Tier != "" {
				held++
			} else if license != nil {
				waiting++
			}
		}
		if held != 2 || waiting != 5 { // the Super Admin is one of the seven
			return fmt.Errorf("%d hold a seat, %d wait", held, waiting)
		}
		return nil
	})
	env.awaitSeats(v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 5}, v1alpha1.SeatCounts{Seats: 1})
	stop()
	unchanged := env.noWrites(&v1alpha1.MemberList{})
	stop = env.operate()
	env.CreateAll(env.Member("later"))
	env.AwaitMember("later", has(v1alpha1.LicenseAssignedCondition, metav1.ConditionFalse, v1alpha1.ReasonNoSeat))
	env.awaitQuiet()
	stop()
	unchanged()
}

// noWrites notes the versions of all objects in the namespace of some kinds, and returns
// a function that checks that they still have them, but for the objects excepted.
func (env *environment) noWrites(lists ...client.ObjectList) func(except ...client.Object) {
	env.Helper()
	read := func() map[types.UID]client.Object {
		found := map[types.UID]client.Object{}
		for _, list := range lists {
			if err := env.List(env.Context(), list, client.InNamespace(env.Namespace)); err != nil {
				env.Fatal(err)
			}
			err := apimeta.EachListItem(list, func(item runtime.Object) error {
				object, ok := item.DeepCopyObject().(client.Object)
				if !ok {
					return fmt.Errorf("%T has no version", item)
				}
				found[object.GetUID()] = object
				return nil
			})
			if err != nil {
				env.Fatal(err)
			}
		}
		return found
	}
	before := read()
	return func(except ...client.Object) {
		env.Helper()
		after := read()
		for _, object := range except {
			delete(before, object.GetUID())
		}
		for uid, was := range before {
			if is := after[uid]; is == nil || is.GetResourceVersion() != was.GetResourceVersion() {
				env.Errorf("%T %s was written:\n%+v\n%+v", was, was.GetName(), was, is)
			}
		}
	}
}
