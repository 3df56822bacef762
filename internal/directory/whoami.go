package directory

import (
	"cmp"
	"slices"
	"strings"
	"unique"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/references"
)

// memberDetails holds what only Whoami needs of a Member. Login does not depend on it.
type memberDetails struct {
	// name, nickname, and extension are as in the spec, without defaults.
	name, nickname, extension string
	// priorities has one byte for each of the member's skill groups, in their order.
	priorities string
	placement  unique.Handle[placementNames]
}

// placementNames holds the names that many members have in common, which are stored
// once for all of them. An empty name means none.
type placementNames struct {
	license, userProfile, desktopProfile, site string
	// teams is separated by commas, which no name contains.
	teams string
}

// placementOf returns the names that are in effect according to a Member's status.
func placementOf(member *v1alpha1.Member) unique.Handle[placementNames] {
	status := &member.Status
	placement := placementNames{
		userProfile:    assignment.NameOf(status.UserProfile),
		desktopProfile: assignment.NameOf(status.DesktopProfile),
		site:           assignment.NameOf(status.Site),
		teams:          strings.Join(references.TeamIndex.Values(member), ","),
	}
	if status.License != nil {
		placement.license = string(status.License.Tier)
	}
	return unique.Make(placement)
}

// prioritiesOf returns one byte for each skill group in a Member's status.
func prioritiesOf(member *v1alpha1.Member) string {
	priorities := make([]byte, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		// The schema limits it to 1 to 5.
		priorities = append(priorities, byte(min(max(group.Priority, 0), 255)))
	}
	return string(priorities)
}

// whoami returns what a member is told about itself.
func (c *centerRecords) whoami(namespace string, record *memberRecord) gate.Whoami {
	details, placement := &record.details, record.details.placement.Value()
	spec := v1alpha1.MemberSpec{Email: record.member.Email, Name: details.name, Nickname: details.nickname}
	answer := gate.Whoami{
		Namespace: namespace, Member: record.member.Name, Email: spec.Email,
		Name: spec.EffectiveName(), Nickname: spec.EffectiveNickname(),
		AgentID: record.member.AgentID, Extension: details.extension, Role: record.member.Role,
		License: placement.license, UserProfile: placement.userProfile,
		SkillGroups: make([]gate.SkillGroup, 0, len(record.member.SkillGroups)), Teams: []gate.Place{},
		DesktopProfile: c.desktopProfiles[placement.desktopProfile],
	}
	for i, group := range record.member.SkillGroups {
		answer.SkillGroups = append(answer.SkillGroups, gate.SkillGroup{Name: group, Priority: int32(details.priorities[i])})
	}
	slices.SortFunc(answer.SkillGroups, func(a, b gate.SkillGroup) int { return cmp.Compare(a.Name, b.Name) })
	if displayName, ok := c.sites[placement.site]; ok {
		answer.Site = &gate.Place{Name: placement.site, DisplayName: displayName}
	}
	for team := range strings.SplitSeq(placement.teams, ",") {
		if displayName, ok := c.teams[team]; ok {
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
		Name:       profile.Name,
		WrapUp:     gate.WrapUp{Mode: string(spec.WrapUp.Mode), TimeoutSeconds: spec.WrapUp.TimeoutSeconds},
		AutoAnswer: spec.AutoAnswer, Outdial: spec.Outdial, InactivityTimeoutMinutes: spec.InactivityTimeoutMinutes,
		Channels: gate.Channels{
			Telephony: spec.Channels.Telephony, Chat: spec.Channels.Chat, Email: spec.Channels.Email, Social: spec.Channels.Social,
		},
		Teams: accessList(spec.Teams), Queues: accessList(spec.Queues), EntryPoints: accessList(spec.EntryPoints),
	}
}

func accessList(list *v1alpha1.AccessList) *gate.AccessList {
	if list == nil {
		return nil
	}
	return &gate.AccessList{Access: string(list.Access), Names: list.Names}
}
