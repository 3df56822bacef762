package references

import (
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
)

// PlacementKind is a kind of what Members are placed in or with.
type PlacementKind string

const (
	SiteKind           PlacementKind = "site"
	TeamKind           PlacementKind = "team"
	UserProfileKind    PlacementKind = "userProfile"
	DesktopProfileKind PlacementKind = "desktopProfile"
)

// PlacementValue is the value in indexes.IndexPlacement of an object.
func PlacementValue(kind PlacementKind, name string) string { return string(kind) + "/" + name }

// PlacementValues are the values in indexes.IndexPlacement of a Member.
func PlacementValues(member *v1alpha1.Member) []string {
	var values []string
	add := func(kind PlacementKind, names ...string) {
		for _, name := range names {
			if value := PlacementValue(kind, name); name != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	spec, status := &member.Spec, &member.Status
	add(SiteKind, append(assignment.AssignedNames(status.Site), spec.Site)...)
	add(TeamKind, append(assignment.JoinedTeams(member), spec.Teams...)...)
	add(UserProfileKind, append(assignment.AssignedNames(status.UserProfile), spec.UserProfile)...)
	add(DesktopProfileKind, append(assignment.AssignedNames(status.DesktopProfile), spec.DesktopProfile)...)
	return values
}
