// Package printer writes objects as tables, names, csv, YAML, and JSON.
package printer

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/internal/roster"
)

type (
	member = *v1alpha1.Member
	group  = *v1alpha1.SkillGroup
)

// loginColor returns green for Allowed and red for Denied.
func loginColor(text string) string {
	switch v1alpha1.LoginState(text) {
	case v1alpha1.LoginAllowed:
		return cli.Green
	case v1alpha1.LoginDenied:
		return cli.Red
	default:
		return ""
	}
}

// readyColor returns yellow for members and groups that are not Ready.
func readyColor(text string) string {
	if text == "True" {
		return ""
	}
	return cli.Yellow
}

// column is a column of a table or a sheet, and what a table can be sorted by.
type column[T client.Object] struct {
	// title is empty for a column that is only sorted by.
	title string
	// wide reports whether only -o wide shows the column.
	wide bool
	text func(item T) string
	// color returns the color of a text on a terminal. It may be nil.
	color func(text string) string
	// sortBy is the word for --sort-by, if there is one. key returns the sort key of a text, which
	// compares as a text. It is nil if that is the text itself.
	sortBy string
	key    func(text string) string
}

// memberColumns are the columns of kubectl get, with the effective role.
func memberColumns(now time.Time) []column[member] {
	return []column[member]{
		{title: "NAME", text: func(m member) string { return m.Name }, sortBy: "name", key: natural},
		{title: "NICKNAME", text: func(m member) string { return m.Spec.Nickname }, sortBy: "nickname", key: natural},
		{title: "EMAIL", text: func(m member) string { return m.Spec.Email }, sortBy: "email", key: natural},
		{title: "ROLE", text: effectiveRole, sortBy: "role", key: func(role string) string { return strconv.Itoa(slices.Index(query.RoleWords, role)) }},
		{title: "LOGIN", text: func(m member) string { return string(m.Status.Login) }, color: loginColor, sortBy: "login"},
		{title: "READY", text: func(m member) string {
			return memberinfo.ConditionStatus(m.Status.Conditions, v1alpha1.ReadyCondition)
		}, color: readyColor, sortBy: "ready"},
		{title: "AGE", text: func(m member) string { return humanize.Age(m.CreationTimestamp, now) }},
		{text: func(m member) string { return youngestFirst(m.CreationTimestamp.Unix()) }, sortBy: "age"},
		{title: "AGENT ID", wide: true, text: func(m member) string { return m.Spec.AgentID }, sortBy: "agentID", key: natural},
		{title: "EXTENSION", wide: true, text: func(m member) string { return m.Spec.Extension }, sortBy: "extension", key: natural},
		{title: "MAIL", wide: true, text: memberinfo.MailReason, sortBy: "mail"},
		{title: "REASON", wide: true, text: func(m member) string { return string(m.Status.LoginReason) }, sortBy: "reason"},
		{text: func(m member) string {
			condition := apimeta.FindStatusCondition(m.Status.Conditions, v1alpha1.LoginAllowedCondition)
			if condition == nil {
				return ""
			}
			return youngestFirst(condition.LastTransitionTime.Unix())
		}, sortBy: "since"},
		// Premium comes before Standard.
		{title: "LICENSE", wide: true, text: memberinfo.HeldTier, sortBy: "license", key: emptyLast},
		{title: "SITE", wide: true, text: effectiveSite, sortBy: "site", key: namedFirst},
		{text: memberinfo.TeamNames, sortBy: "team", key: namedFirst},
		{title: "USER PROFILE", wide: true, text: effectiveUserProfile, sortBy: "userProfile", key: namedFirst},
		{text: effectiveDesktopProfile, sortBy: "desktopProfile", key: namedFirst},
	}
}

func effectiveRole(m member) string        { return string(m.EffectiveRole()) }
func effectiveSite(m member) string        { return memberinfo.AssignedName(m.Status.Site) }
func effectiveUserProfile(m member) string { return memberinfo.AssignedName(m.Status.UserProfile) }
func effectiveDesktopProfile(m member) string {
	return memberinfo.AssignedName(m.Status.DesktopProfile)
}

// memberSheet are the columns of Members as csv: spec fields under the names of import columns, then
// effective values under other names. New columns come last, for scripts that count.
var memberSheet = []column[member]{
	{title: string(roster.NameColumn), text: func(m member) string { return m.Spec.Name }},
	{title: string(roster.NicknameColumn), text: func(m member) string { return m.Spec.Nickname }},
	{title: string(roster.AgentIDColumn), text: func(m member) string { return m.Spec.AgentID }},
	{title: string(roster.EmailColumn), text: func(m member) string { return m.Spec.Email }},
	{title: string(roster.RoleColumn), text: func(m member) string { return string(m.Spec.Role) }},
	{title: string(roster.PhoneColumn), text: func(m member) string { return m.Spec.Phone }},
	{title: string(roster.ExtensionColumn), text: func(m member) string { return m.Spec.Extension }},
	{title: string(roster.SkillGroupsColumn), text: skillGroupsCell},
	{title: string(roster.ActiveColumn), text: func(m member) string { return strconv.FormatBool(m.Spec.IsActive()) }},
	{title: "login", text: func(m member) string { return string(m.Status.Login) }},
	{title: "reason", text: func(m member) string { return string(m.Status.LoginReason) }},
	{title: "mail", text: memberinfo.MailReason},
	{title: string(roster.LicenseColumn), text: func(m member) string { return string(m.Spec.License) }},
	{title: string(roster.UserProfileColumn), text: func(m member) string { return m.Spec.UserProfile }},
	{title: string(roster.DesktopProfileColumn), text: func(m member) string { return m.Spec.DesktopProfile }},
	{title: string(roster.SiteColumn), text: func(m member) string { return m.Spec.Site }},
	{title: string(roster.TeamsColumn), text: func(m member) string { return strings.Join(m.Spec.Teams, "; ") }},
	{title: "effectiveRole", text: effectiveRole},
	{title: "licenseHeld", text: memberinfo.HeldTier},
	{title: "licenseAwaited", text: memberinfo.AwaitedTier},
	{title: "effectiveUserProfile", text: effectiveUserProfile},
	{title: "effectiveDesktopProfile", text: effectiveDesktopProfile},
	{title: "effectiveSite", text: effectiveSite},
	{title: "effectiveTeams", text: memberinfo.TeamNames},
}

// skillGroupsCell returns the groups in the Member's spec, as import reads them.
func skillGroupsCell(m member) string {
	cells := make([]string, 0, len(m.Spec.SkillGroups))
	for _, group := range m.Spec.SkillGroups {
		cells = append(cells, group.Name+":"+strconv.Itoa(int(group.Priority)))
	}
	return strings.Join(cells, "; ")
}

// groupColumns are the columns of SkillGroups.
func groupColumns(now time.Time) []column[group] {
	number := func(text string) string { return natural(cmp.Or(text, "0")) }
	return []column[group]{
		{title: "NAME", text: func(g group) string { return g.Name }, sortBy: "name", key: natural},
		{title: "DISPLAY NAME", text: func(g group) string { return g.Spec.DisplayName }, sortBy: "displayName", key: natural},
		{title: "CHANNEL", text: func(g group) string { return string(g.Spec.Channel) }, sortBy: "channel"},
		{title: "MEMBERS", text: func(g group) string { return Count(g.Status.Members) }, sortBy: "members", key: number},
		{title: "AVAILABLE", text: func(g group) string { return Count(g.Status.Available) }, sortBy: "available", key: number},
		{title: "READY", text: func(g group) string {
			return memberinfo.ConditionStatus(g.Status.Conditions, v1alpha1.ReadyCondition)
		}, color: readyColor},
		{title: "AGE", text: func(g group) string { return humanize.Age(g.CreationTimestamp, now) }},
		{text: func(g group) string { return youngestFirst(g.CreationTimestamp.Unix()) }, sortBy: "age"},
		{title: "MAX CONCURRENCY", wide: true, text: func(g group) string { return strconv.Itoa(int(g.Spec.MaxConcurrency)) }},
		{title: "RING ALL", wide: true, text: func(g group) string { return strconv.FormatBool(g.Spec.RingAll) }},
		{title: "SELECTOR", wide: true, text: func(g group) string {
			if g.Spec.Selector == nil {
				return ""
			}
			return metav1.FormatLabelSelector(g.Spec.Selector)
		}},
	}
}

// groupSheet returns the columns of SkillGroups as csv: those of a table up to READY.
func groupSheet() []column[group] {
	columns := groupColumns(time.Time{})[:6]
	for i := range columns {
		columns[i].title = strings.ToLower(columns[i].title)
	}
	columns[1].title = "displayName"
	return columns
}

// Count returns a number, or nothing if it is not known yet.
func Count(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// natural returns a key by which numbers in a text compare as numbers, and letters regardless of
// case.
func natural(text string) string {
	var key strings.Builder
	text = strings.ToLower(text)
	for text != "" {
		digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
		if digits == 0 {
			key.WriteByte(text[0])
			text = text[1:]
			continue
		}
		number := strings.TrimLeft(text[:digits], "0")
		// More digits mean a larger number, and digits come before letters.
		fmt.Fprintf(&key, "0%03d%s", len(number), number)
		text = text[digits:]
	}
	return key.String()
}

// emptyLast returns a key that puts an empty text last: all names come before a tilde.
func emptyLast(text string) string { return cmp.Or(text, "~") }

// namedFirst is natural with an empty text last.
func namedFirst(text string) string { return emptyLast(natural(text)) }

// youngestFirst returns a key by which later times come first.
func youngestFirst(unix int64) string { return fmt.Sprintf("%020d", math.MaxInt64-unix) }
