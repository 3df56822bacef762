package directory

import (
	"net/url"
	"strings"
	"time"
	"unique"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/credentials"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/login"
	"rollcall.dev/rollcall/internal/ownership"
)

// memberRecord is what the login gate keeps of a Member: some hundreds of bytes.
type memberRecord struct {
	// member is as far as it can be known without a clock and the Secret.
	member gate.Member
	// inactive, forceOffline and forceOfflineUntil are what denies login in the spec.
	inactive, forceOffline bool
	forceOfflineUntil      *metav1.Time
	// deleting is whether the Member is about to go.
	deleting bool
	// conditions.Verdict is why the status denies login; empty if it allows it.
	verdict v1alpha1.LoginReason
	// issueID names the current password, by the status.
	issueID string
	// login is the e-mail address in lower case, and twin another Member with it.
	login string
	twin  *memberRecord
	// holdsEmail is whether the e-mail address is this Member's and no other's.
	holdsEmail bool
	// about is what else Whoami tells.
	about memberDetails
}

// reasonUnknown is why a Member of which no status allows or denies login may
// not in: the operator has not looked at it yet.
const reasonUnknown v1alpha1.LoginReason = "Unknown"

// newMemberRecord takes from a Member what the gate keeps.
func newMemberRecord(member *v1alpha1.Member) *memberRecord {
	claims := member.Status.Claims
	texts := packed(string(member.UID), member.Name, member.Spec.Email, member.Spec.AgentID, issueOf(member), strings.ToLower(member.Spec.Email),
		member.Spec.Name, member.Spec.Nickname, member.Spec.Extension, prioritiesOf(member))
	return &memberRecord{
		member: gate.Member{
			UID: texts[0], Name: texts[1], Email: texts[2], AgentID: texts[3],
			Role:         unique.Make(string(member.EffectiveRole())).Value(),
			SkillGroups:  groupsOf(member),
			AllowedSince: login.Period(&member.Status),
		},
		inactive:          !member.Spec.IsActive(),
		forceOffline:      member.Spec.ForceOffline,
		forceOfflineUntil: member.Spec.ForceOfflineUntil,
		deleting:          member.DeletionTimestamp != nil,
		verdict:           verdictOf(member),
		issueID:           texts[4],
		login:             texts[5],
		holdsEmail:        claims != nil && strings.EqualFold(claims.Email, member.Spec.Email),
		about:             memberDetails{name: texts[6], nickname: texts[7], extension: texts[8], priorities: texts[9], placement: placementOf(member)},
	}
}

// packed returns texts that share one piece of memory, so that the garbage collector
// has few things to look at for each of many members.
func packed(texts ...string) []string {
	all := strings.Join(texts, "")
	for i, text := range texts {
		texts[i], all = all[:len(text)], all[len(text):]
	}
	return texts
}

// denies is why the gate does not let a member in at a time. Deny wins: the spec, by
// the gate's own clock, or the status.
func (m *memberRecord) denies(now time.Time) v1alpha1.LoginReason {
	active := !m.inactive
	spec := v1alpha1.MemberSpec{Active: &active, ForceOffline: m.forceOffline, ForceOfflineUntil: m.forceOfflineUntil}
	return login.Denial(login.Facts{Spec: &spec, Deleting: m.deleting, Status: m.verdict}, now)
}

// follows takes over what is known of the same Member's former self. Sessions end
// when login is denied, also if the operator never gets to write that down.
func (m *memberRecord) follows(former *memberRecord, now time.Time) {
	if former == nil || former.member.UID != m.member.UID {
		return
	}
	m.member.SessionsAfter = former.member.SessionsAfter
	if former.denies(now) != "" {
		m.member.SessionsAfter = now.UnixMilli()
	}
}

// issueOf names the current password, by the status; empty if there is none.
func issueOf(member *v1alpha1.Member) string {
	if member.Status.Credentials == nil {
		return ""
	}
	return member.Status.Credentials.IssueID
}

// groupsOf are the names of the groups that the member really is in.
func groupsOf(member *v1alpha1.Member) []string {
	if len(member.Status.SkillGroups) == 0 {
		return nil
	}
	groups := make([]string, 0, len(member.Status.SkillGroups))
	for _, group := range member.Status.SkillGroups {
		groups = append(groups, unique.Make(group.Name).Value())
	}
	return groups
}

// verdictOf is why the status denies login. What is not allowed is denied.
func verdictOf(member *v1alpha1.Member) v1alpha1.LoginReason {
	switch {
	case member.Status.Login == v1alpha1.LoginAllowed:
		return ""
	case member.Status.Login == v1alpha1.LoginDenied && member.Status.LoginReason != "":
		return v1alpha1.LoginReason(unique.Make(string(member.Status.LoginReason)).Value())
	default:
		return reasonUnknown
	}
}

// credentialsRecord is what the login gate keeps of a Secret: no password.
type credentialsRecord struct {
	gate.Credentials
	// owner is the Member that the Secret belongs to.
	owner types.UID
}

// newCredentialsRecord takes from a Secret what passwords can be checked with, and
// nothing from one that is not intact, such as one edited by hand.
func newCredentialsRecord(secret *corev1.Secret) credentialsRecord {
	owner := metav1.GetControllerOf(secret)
	issueID := secret.Annotations[v1alpha1.IssueIDAnnotation]
	if owner == nil || !ownership.IsMember(owner) || secret.Type != v1alpha1.AuthSecretType || !credentials.MatchesChecksum(secret, issueID) {
		return credentialsRecord{}
	}
	texts := packed(string(owner.UID), issueID, string(secret.Data[corev1.BasicAuthUsernameKey]), secret.Annotations[v1alpha1.ChecksumAnnotation])
	return credentialsRecord{
		owner:       types.UID(texts[0]),
		Credentials: gate.Credentials{IssueID: texts[1], Username: texts[2], Checksum: texts[3]},
	}
}

// newCenter takes from a ContactCenter what the gate needs; false where its
// login address is none.
func newCenter(center *v1alpha1.ContactCenter) (gate.Center, bool) {
	login, err := url.Parse(center.Spec.LoginURL)
	if err != nil || login.Host == "" {
		return gate.Center{}, false
	}
	made := gate.Center{
		DisplayName: center.Spec.DisplayName, LoginURL: login, Locale: string(center.Spec.Locale),
		Policies: map[string]gate.Policy{},
	}
	if center.Spec.Gate == nil {
		return made, true
	}
	for _, policy := range center.Spec.Gate.Policies {
		roles := make([]string, 0, len(policy.Roles))
		for _, role := range policy.Roles {
			roles = append(roles, string(role))
		}
		made.Policies[policy.Name] = gate.Policy{Roles: roles, SkillGroups: policy.SkillGroups}
	}
	return made, true
}
