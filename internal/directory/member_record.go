package directory

import (
	"strings"
	"time"
	"unique"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/login"
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
	// emailKey is the e-mail address in lower case. nextWithEmail is another Member
	// with this address.
	emailKey      string
	nextWithEmail *memberRecord
	// holdsEmail reports whether the e-mail address is this Member's and no other's.
	holdsEmail bool
	// details are for Whoami alone.
	details memberDetails
}

// reasonUnknown is the reason for a denial of which the status has none, such as
// before the first reconcile.
const reasonUnknown v1alpha1.LoginReason = "Unknown"

// newMemberRecord returns the record of a Member.
func newMemberRecord(member *v1alpha1.Member) *memberRecord {
	claims := member.Status.Claims
	texts := packed(string(member.UID), member.Name, member.Spec.Email, member.Spec.AgentID, issueIDOf(member), strings.ToLower(member.Spec.Email),
		member.Spec.Name, member.Spec.Nickname, member.Spec.Extension, prioritiesOf(member))
	return &memberRecord{
		member: gate.Member{
			UID: texts[0], Name: texts[1], Email: texts[2], AgentID: texts[3],
			Role:         unique.Make(string(member.EffectiveRole())).Value(),
			SkillGroups:  skillGroupsOf(member),
			AllowedSince: login.Period(&member.Status),
		},
		active:            member.Spec.IsActive(),
		forceOffline:      member.Spec.ForceOffline,
		forceOfflineUntil: member.Spec.ForceOfflineUntil,
		deleting:          member.DeletionTimestamp != nil,
		statusDenial:      statusDenialOf(member),
		issueID:           texts[4],
		emailKey:          texts[5],
		holdsEmail:        claims != nil && strings.EqualFold(claims.Email, member.Spec.Email),
		details:           memberDetails{name: texts[6], nickname: texts[7], extension: texts[8], priorities: texts[9], placement: placementOf(member)},
	}
}

// packed returns texts that share one allocation, so that the garbage collector has
// few objects to scan for each of many members.
func packed(texts ...string) []string {
	all := strings.Join(texts, "")
	for i, text := range texts {
		texts[i], all = all[:len(text)], all[len(text):]
	}
	return texts
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

func issueIDOf(member *v1alpha1.Member) string {
	if member.Status.Credentials == nil {
		return ""
	}
	return member.Status.Credentials.IssueID
}

// skillGroupsOf returns the names of the groups that a Member is in, according to
// its status.
func skillGroupsOf(member *v1alpha1.Member) []string {
	if len(member.Status.SkillGroups) == 0 {
		return nil
	}
	groups := make([]string, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		groups = append(groups, unique.Make(group.Name).Value())
	}
	return groups
}

// statusDenialOf returns the reason why the status denies login; empty if it allows
// it. A status that does not allow login denies it.
func statusDenialOf(member *v1alpha1.Member) v1alpha1.LoginReason {
	switch {
	case member.Status.Login == v1alpha1.LoginAllowed:
		return ""
	case member.Status.Login == v1alpha1.LoginDenied && member.Status.LoginReason != "":
		return v1alpha1.LoginReason(unique.Make(string(member.Status.LoginReason)).Value())
	default:
		return reasonUnknown
	}
}
