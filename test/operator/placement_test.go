package operator

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// site is a Site.
func (env *environment) site(name string) *v1alpha1.Site {
	return &v1alpha1.Site{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name}, Spec: v1alpha1.SiteSpec{DisplayName: "Site " + name}}
}

// team is a Team of members at a site.
func (env *environment) team(name, site string) *v1alpha1.Team {
	return &v1alpha1.Team{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: name},
		Spec:       v1alpha1.TeamSpec{DisplayName: "Team " + name, Site: site},
	}
}

// placed is where a Member is, in one line.
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
	ana := env.Member("ana")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north", "south"}
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
	ana := env.Member("ana")
	ana.Spec.Site, ana.Spec.Teams, ana.Spec.DesktopProfile, ana.Spec.UserProfile = "paris", []string{"north"}, "chat", "lead"
	env.CreateAll(env.ContactCenter(), ana)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound, "No Site is named paris", "No Team is named north", "No DesktopProfile is named chat", "No UserProfile is named lead"))
	profile := &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "chat"}}
	lead := &v1alpha1.UserProfile{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "lead"}}
	site, team := env.site("paris"), env.team("north", "paris")
	env.CreateAll(site)
	env.AwaitMember("ana", isPlaced("site paris (Member)", v1alpha1.ReasonTeamNotFound))
	env.CreateAll(team)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonProfileNotFound, "UserProfile"))
	env.CreateAll(lead)
	env.AwaitMember("ana", isPlaced("site paris (Member), team north (Member)", v1alpha1.ReasonProfileNotFound, "DesktopProfile"))
	env.CreateAll(profile)
	env.AwaitMember("ana", ready, isPlaced("site paris (Member), team north (Member), desktop chat (Member)", v1alpha1.ReasonResolved))
	for _, gone := range []struct {
		object client.Object
		where  string
		reason string
	}{
		{profile, "site paris (Member), team north (Member)", v1alpha1.ReasonProfileNotFound},
		{team, "site paris (Member)", v1alpha1.ReasonTeamNotFound},
		{site, "", v1alpha1.ReasonSiteNotFound},
	} {
		if err := env.Delete(t.Context(), gone.object); err != nil {
			t.Fatal(err)
		}
		env.AwaitMember("ana", isPlaced(gone.where, gone.reason))
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
	ana := env.Member("ana")
	ana.Spec.Site, ana.Spec.Teams = "paris", []string{"north", "outside"}
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
	bea := env.Member("bea")
	bea.Spec.Site = "lyon"
	env.CreateAll(center, env.site("lyon"), env.Member("ana"), bea)
	env.AwaitMember("ana", isPlaced("", v1alpha1.ReasonSiteNotFound))
	env.awaitCenter(func(status *v1alpha1.ContactCenterStatus) error {
		return testenv.HasCondition(status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionFalse, v1alpha1.ReasonSiteNotFound)
	})
	// No spec or status names them.
	env.CreateAll(env.site("paris"), &v1alpha1.DesktopProfile{ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "chat"}})
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
	template := &v1alpha1.MemberTemplate{
		ObjectMeta: metav1.ObjectMeta{Namespace: env.Namespace, Name: "all"},
		Spec: v1alpha1.MemberTemplateSpec{
			ApplyTo: v1alpha1.ApplyToAllMembers, License: v1alpha1.TierStandard, Teams: []string{"north", "gone"},
			SkillGroups: []v1alpha1.SkillGroupReference{{Name: "nowhere"}},
		},
	}
	objects := []client.Object{center, env.site("paris"), env.team("north", "paris"), template}
	for i := range 6 {
		objects = append(objects, env.Member(fmt.Sprint("member-", i)))
	}
	env.CreateAll(objects...)
	env.Eventually("seats", func() error {
		var members v1alpha1.MemberList
		if err := env.List(t.Context(), &members, client.InNamespace(env.Namespace)); err != nil {
			return err
		}
		held, waiting := 0, 0
		for i := range members.Items {
			if license := members.Items[i].Status.License; license != nil && license.Tier != "" {
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
	before := env.versions()
	stop = env.operate()
	env.CreateAll(env.Member("later"))
	env.AwaitMember("later", has(v1alpha1.LicenseAssignedCondition, metav1.ConditionFalse, v1alpha1.ReasonNoSeat))
	env.awaitQuiet()
	stop()
	for name, version := range env.versions() {
		if was, known := before[name]; known && was != version {
			t.Errorf("%s was written: %s, then %s", name, was, version)
		}
	}
}

// versions are the resourceVersions of the namespace's Members.
func (env *environment) versions() map[string]string {
	env.Helper()
	var members v1alpha1.MemberList
	if err := env.List(env.Context(), &members, client.InNamespace(env.Namespace)); err != nil {
		env.Fatal(err)
	}
	versions := map[string]string{}
	for i := range members.Items {
		versions[members.Items[i].Name] = members.Items[i].ResourceVersion
	}
	return versions
}
