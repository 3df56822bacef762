package directory

import (
	"cmp"
	"slices"
	"strings"
	"unique"

	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/references"
)

// memberDetails is what the login gate keeps of a Member for Whoami alone. Login does
// not depend on it.
type memberDetails struct {
	// name, nickname and extension are as in the spec; empty for the default, or none.
	name, nickname, extension string
	// priorities has a byte for each of the member's groups, in their order.
	priorities string
	placement  unique.Handle[placementNames]
}

// placementNames is what many members have in common, kept once for all of them. They
// are names, empty for none.
type placementNames struct {
	license, userProfile, desktopProfile, site string
	// teams are separated by commas, which no name has.
	teams string
}

// placementOf takes from a status what counts.
func placementOf(member *v1alpha1.Member) unique.Handle[placementNames] {
	status := &member.Status
	placement := placementNames{
		userProfile: assignment.NameOf(status.UserProfile), desktopProfile: assignment.NameOf(status.DesktopProfile), site: assignment.NameOf(status.Site),
		teams: strings.Join(references.JoinedTeams(member), ","),
	}
	if status.License != nil {
		placement.license = string(status.License.Tier)
	}
	return unique.Make(placement)
}

// prioritiesOf has a byte for each of the groups that the member really is in.
func prioritiesOf(member *v1alpha1.Member) string {
	priorities := make([]byte, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		// By the schema it is from 1 to 5.
		priorities = append(priorities, byte(min(max(group.Priority, 0), 255)))
	}
	return string(priorities)
}

// Whoami implements gate.Directory.
func (d *Directory) Whoami(namespace, uid string) (gate.Whoami, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	book := d.centers[namespace]
	if book == nil {
		return gate.Whoami{}, false
	}
	known, ok := book.byUID[types.UID(uid)]
	if !ok {
		return gate.Whoami{}, false
	}
	return book.introduce(namespace, known), true
}

// introduce is what a member is told of themselves.
func (b *centerRecords) introduce(namespace string, known *memberRecord) gate.Whoami {
	placement := known.about.placement.Value()
	localPart, _, _ := strings.Cut(known.member.Email, "@")
	name := cmp.Or(known.about.name, localPart)
	told := gate.Whoami{
		Namespace: namespace, Member: known.member.Name, Email: known.member.Email,
		Name: name, Nickname: cmp.Or(known.about.nickname, name),
		AgentID: known.member.AgentID, Extension: known.about.extension, Role: known.member.Role,
		License: placement.license, UserProfile: placement.userProfile,
		SkillGroups: make([]gate.SkillGroup, 0, len(known.member.SkillGroups)), Teams: []gate.Place{},
		DesktopProfile: b.desktopProfiles[placement.desktopProfile],
	}
	for i, group := range known.member.SkillGroups {
		told.SkillGroups = append(told.SkillGroups, gate.SkillGroup{Name: group, Priority: int32(known.about.priorities[i])})
	}
	slices.SortFunc(told.SkillGroups, func(a, b gate.SkillGroup) int { return cmp.Compare(a.Name, b.Name) })
	if displayName, ok := b.sites[placement.site]; ok {
		told.Site = &gate.Place{Name: placement.site, DisplayName: displayName}
	}
	for team := range strings.SplitSeq(placement.teams, ",") {
		if displayName, ok := b.teams[team]; ok {
			told.Teams = append(told.Teams, gate.Place{Name: team, DisplayName: displayName})
		}
	}
	return told
}

// newDesktopProfile takes from a DesktopProfile what Whoami tells. Defaults of
// the schema are the API server's to set.
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
