// Package counted reconciles the resource kinds that only count their Members in
// status: SkillGroup, Site, Team, and DesktopProfile.
package counted
