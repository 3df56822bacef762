package main

import (
	"fmt"
	"strings"
	"testing"

	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestLicenseProfilesSiteAndTeamsAreSetAndRemovedOneByOne(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	var seen transcript
	run := func(want string, arguments ...string) {
		t.Helper()
		seen.note(env.plugin(arguments...), arguments...)
		s := env.GetMember("ana").Spec
		got := fmt.Sprintf("%s|%s|%s|%s|%s|%s", s.License, s.UserProfile, s.DesktopProfile, s.Site, strings.Join(s.Teams, " "), s.Nickname)
		if got != want {
			t.Errorf("after %v the spec has %s, not %s", arguments, got, want)
		}
	}
	run("Standard|||paris|day night|Ana", "add", "ana", "--email", "ana@example.com", "--nickname", "Ana",
		"--license", "standard", "--site", "paris", "--team", "day,night")
	run("Premium|auditor|lean|paris|day night|Ana", "edit", "ana", "--license", "PREMIUM", "--user-profile", "auditor", "--desktop-profile", "lean")
	run("Premium|auditor|lean|paris|day night|Ana", "edit", "ana", "--license", "Premium", "--add-team", "day")
	run("Premium|auditor|lean|paris|night late|Ana", "edit", "ana", "--add-team", "late", "--remove-team", "day")
	run("Premium|auditor|lean|paris||Ana", "edit", "ana", "--remove-team", "night,late")
	run("Premium|auditor|lean|lyon|day|Ana", "edit", "ana", "--site", "lyon", "--team", "day")
	run("None|||||Ana", "edit", "ana", "--license", "None", "--user-profile", "", "--desktop-profile", "", "--site", "", "--team", "", "-o", "name")
	run("|||||Ana", "edit", "ana", "--license", "")
	for _, arguments := range [][]string{
		{"edit", "ana", "--license", "Gold"},
		{"edit", "ana", "--role", "Supervisor", "--license", "Standard"},
		{"edit", "ana", "--site", "Paris!"},
		{"edit", "ana", "--site", "Porto Alegre"},
		{"edit", "ana", "--user-profile", "Auditor", "--dry-run=client"},
		{"edit", "ana", "--desktop-profile", "Lean"},
		{"edit", "ana", "--add-team", "Day"},
		{"add", "ben", "--email", "ben@example.com", "--team", "day,Night Shift"},
		{"edit", "ana", "--team", "a", "--add-team", "b"},
		{"edit", "ana", "--add-team", "b", "--remove-team", "b"},
		{"add", "ben", "--email", "ben@example.com", "--team", "a,a"},
		{"list", "--license", "gold"},
		{"list", "--license", "none", "--contact-center-enabled"},
		{"list", "--license", "standard", "--contact-center-enabled=false"},
		{"list", "--contact-center-enabled=perhaps"},
	} {
		run("|||||Ana", arguments...)
	}
	goldentest.Compare(t, "assigned_flags", seen.String())
}
