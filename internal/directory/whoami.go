package directory

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
)

// whoami returns what a member is told about itself. The caller holds the lock.
func (d *Directory) whoami(record *memberRecord) gate.Whoami {
	spec := v1alpha1.MemberSpec{Email: record.member.Email, Name: record.name, Nickname: record.nickname}
	key := func(name string) types.NamespacedName {
		return types.NamespacedName{Namespace: record.namespace, Name: name}
	}
	answer := gate.Whoami{
		Namespace: record.namespace, Member: record.member.Name, Email: spec.Email,
		Name: spec.EffectiveName(), Nickname: spec.EffectiveNickname(),
		AgentID: record.member.AgentID, Extension: record.extension, Role: record.member.Role,
		License: record.license, UserProfile: record.userProfile,
		SkillGroups: make([]gate.SkillGroup, 0, len(record.priorities)), Teams: []gate.Place{},
		DesktopProfile: d.desktopProfiles.records[key(record.desktopProfile)],
	}
	for i, group := range record.member.SkillGroups {
		answer.SkillGroups = append(answer.SkillGroups, gate.SkillGroup{Name: group, Priority: record.priorities[i]})
	}
	slices.SortFunc(answer.SkillGroups, func(a, b gate.SkillGroup) int { return cmp.Compare(a.Name, b.Name) })
	if displayName, ok := d.sites.records[key(record.site)]; ok {
		answer.Site = &gate.Place{Name: record.site, DisplayName: displayName}
	}
	for _, team := range record.teams {
		if displayName, ok := d.teams.records[key(team)]; ok {
			answer.Teams = append(answer.Teams, gate.Place{Name: team, DisplayName: displayName})
		}
	}
	return answer
}

// newDesktopProfile returns what Whoami tells about a DesktopProfile. The API server
// has set the defaults of the schema.
func newDesktopProfile(profile *v1alpha1.DesktopProfile) *gate.DesktopProfile {
	spec := &profile.Spec
	return &gate.DesktopProfile{
		Name: profile.Name, WrapUp: spec.WrapUp, AutoAnswer: spec.AutoAnswer, Outdial: spec.Outdial,
		InactivityTimeoutMinutes: spec.InactivityTimeoutMinutes, Channels: spec.Channels,
		Teams: spec.Teams, Queues: spec.Queues, EntryPoints: spec.EntryPoints,
	}
}
