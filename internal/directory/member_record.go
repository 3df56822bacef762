package directory

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/assignment"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/login"
	"rollcall.dev/rollcall/internal/references"
)

// memberRecord holds what the login gate needs of a Member: some hundred bytes.
type memberRecord struct {
	// member lacks what depends on the clock or on the Secret.
	member gate.Member
	// active, forceOffline, and forceOfflineUntil are the fields of the spec that deny
	// login.
	active, forceOffline bool
	forceOfflineUntil    *metav1.Time
	// deleting reports whether the Member is being deleted.
	deleting bool
	// statusDenial is the reason why the status denies login; empty if it allows it.
	statusDenial v1alpha1.LoginReason
	// issueID names the current password, according to the status; empty for none.
	issueID string
	// holdsEmail reports whether the e-mail address is this Member's and no other's.
	holdsEmail bool

	namespace string
	// The rest is for Whoami alone. name, nickname, and extension are as in the spec,
	// and priorities are those of the member's skill groups, in their order.
	name, nickname, extension                  string
	priorities                                 []int32
	license, userProfile, desktopProfile, site string
	teams                                      []string
}

// reasonUnknown is the reason for a denial of which the status has none, such as
// before the first reconcile.
const reasonUnknown v1alpha1.LoginReason = "Unknown"

// newMemberRecord returns the record of a Member.
func newMemberRecord(member *v1alpha1.Member) *memberRecord {
	spec, status := &member.Spec, &member.Status
	record := &memberRecord{
		member: gate.Member{
			UID: string(member.UID), Name: member.Name, Email: spec.Email, AgentID: spec.AgentID,
			Role: string(member.EffectiveRole()), AllowedSince: login.Period(status),
		},
		active:            spec.IsActive(),
		forceOffline:      spec.ForceOffline,
		forceOfflineUntil: spec.ForceOfflineUntil,
		deleting:          member.DeletionTimestamp != nil,
		statusDenial:      statusDenialOf(member),
		holdsEmail:        status.Claims != nil && strings.EqualFold(status.Claims.Email, spec.Email),
		namespace:         member.Namespace,
		name:              spec.Name,
		nickname:          spec.Nickname,
		extension:         spec.Extension,
		license:           string(assignment.ShownTier(member)),
		userProfile:       assignment.NameOf(status.UserProfile),
		desktopProfile:    assignment.NameOf(status.DesktopProfile),
		site:              assignment.NameOf(status.Site),
		teams:             references.TeamIndex.Values(member),
	}
	if status.Credentials != nil {
		record.issueID = status.Credentials.IssueID
	}
	groups := len(status.SkillGroups)
	record.member.SkillGroups, record.priorities = make([]string, 0, groups), make([]int32, 0, groups)
	for _, group := range status.SkillGroups {
		// Many members share few groups.
		record.member.SkillGroups = append(record.member.SkillGroups, unique.Make(group.Name).Value())
		record.priorities = append(record.priorities, group.Priority)
	}
	return record
}

func (m *memberRecord) uidKey() types.NamespacedName {
	return types.NamespacedName{Namespace: m.namespace, Name: m.member.UID}
}

// denial returns why login is denied at a time; empty if it is allowed. The spec, by
// the gate's own clock, and the status can each deny it.
func (m *memberRecord) denial(now time.Time) v1alpha1.LoginReason {
	spec := v1alpha1.MemberSpec{Active: new(m.active), ForceOffline: m.forceOffline, ForceOfflineUntil: m.forceOfflineUntil}
	return login.Denial(login.Facts{Spec: &spec, Deleting: m.deleting, Status: m.statusDenial}, now)
}

// continueSessions sets which sessions stay valid when the record replaces a former
// one. A denial ends the sessions of a Member, even if the operator never writes it
// to the status.
func (m *memberRecord) continueSessions(former *memberRecord, now time.Time) {
	if former == nil || former.member.UID != m.member.UID {
		return
	}
	m.member.SessionsAfter = former.member.SessionsAfter
	if former.denial(now) != "" {
		m.member.SessionsAfter = now.UnixMilli()
	}
}

// statusDenialOf returns the reason why the status denies login; empty if it allows
// it. A status that does not allow login denies it.
func statusDenialOf(member *v1alpha1.Member) v1alpha1.LoginReason {
	switch {
	case member.Status.Login == v1alpha1.LoginAllowed:
		return ""
	case member.Status.Login == v1alpha1.LoginDenied && member.Status.LoginReason != "":
		return member.Status.LoginReason
	default:
		return reasonUnknown
	}
}

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
		Name:       profile.Name,
		WrapUp:     gate.WrapUp{Mode: string(spec.WrapUp.Mode), TimeoutSeconds: spec.WrapUp.TimeoutSeconds},
		AutoAnswer: spec.AutoAnswer, Outdial: spec.Outdial, InactivityTimeoutMinutes: spec.InactivityTimeoutMinutes,
		Channels: gate.Channels(spec.Channels),
		Teams:    accessList(spec.Teams), Queues: accessList(spec.Queues), EntryPoints: accessList(spec.EntryPoints),
	}
}

func accessList(list *v1alpha1.AccessList) *gate.AccessList {
	if list == nil {
		return nil
	}
	return &gate.AccessList{Access: string(list.Access), Names: list.Names}
}
