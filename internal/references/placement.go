package references

import (
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/cacheindex"
)

// PlacementKind is a kind of object that Members are assigned to.
type PlacementKind string

// The kinds of objects that PlacementIndex covers.
const (
	SiteKind           PlacementKind = "site"
	TeamKind           PlacementKind = "team"
	UserProfileKind    PlacementKind = "userProfile"
	DesktopProfileKind PlacementKind = "desktopProfile"
)

// PlacementIndex finds Members by the sites, teams, and profiles in their spec or status.
// PlacementValue returns its values.
var PlacementIndex = cacheindex.Index[v1alpha1.Member]{Name: "rollcall.placement", Values: placementValues}

// PlacementValue returns the value in PlacementIndex of an object.
func PlacementValue(kind PlacementKind, name string) string { return string(kind) + "/" + name }

// placementValues returns the values in PlacementIndex of a Member.
func placementValues(member *v1alpha1.Member) []string {
	var values []string
	add := func(kind PlacementKind, names ...string) {
		for _, name := range names {
			if value := PlacementValue(kind, name); name != "" && !slices.Contains(values, value) {
				values = append(values, value)
			}
		}
	}
	spec := &member.Spec
	add(SiteKind, append(SiteIndex.Values(member), spec.Site)...)
	add(TeamKind, append(TeamIndex.Values(member), spec.Teams...)...)
	add(UserProfileKind, append(UserProfileIndex.Values(member), spec.UserProfile)...)
	add(DesktopProfileKind, append(DesktopProfileIndex.Values(member), spec.DesktopProfile)...)
	return values
}
