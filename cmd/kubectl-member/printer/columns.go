// Package printer writes objects as tables, names, csv, YAML, and JSON.
package printer

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/internal/roster"
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

// Manifest renders an object as JSON, as kubectl does: with its kind and without managed fields.
func (k kind[T]) Manifest(item *T) ([]string, error) {
	object := k.Object(item)
	object.SetManagedFields(nil)
	object.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(k.Kind))
	text, err := json.Marshal(object)
	return []string{string(text)}, err
}

// kind describes how a resource kind is printed.
type kind[T any] struct {
	query.Resource[T]

	// columns are the columns of a table, and sheet those of csv.
	columns, sheet []column[T]
}

// column is a column of a table or a sheet.
type column[T any] struct {
	title string
	// wide reports whether only -o wide shows the column.
	wide bool
	text func(item *T, now time.Time) string
	// color returns the color of a text on a terminal. It may be nil.
	color func(text string) string
}

// plainColumn returns a column that does not depend on the time.
func plainColumn[T any](title string, text func(*T) string) column[T] {
	return column[T]{title: title, text: func(item *T, _ time.Time) string { return text(item) }}
}

// wideColumn returns a column of -o wide.
func wideColumn[T any](title string, text func(*T) string) column[T] {
	c := plainColumn(title, text)
	c.wide = true
	return c
}

// coloredColumn returns a column with colors.
func coloredColumn[T any](title string, paint func(string) string, text func(*T) string) column[T] {
	c := plainColumn(title, text)
	c.color = paint
	return c
}

// Members describes Members. The table has the columns of kubectl get, with the effective role.
func Members() kind[v1alpha1.Member] {
	type member = v1alpha1.Member
	ready := func(m *member) string {
		return memberinfo.ConditionStatus(m.Status.Conditions, v1alpha1.ReadyCondition)
	}
	return kind[member]{
		Resource: query.Members(),
		columns: []column[member]{
			plainColumn("NAME", func(m *member) string { return m.Name }),
			plainColumn("NICKNAME", func(m *member) string { return m.Spec.Nickname }),
			plainColumn("EMAIL", func(m *member) string { return m.Spec.Email }),
			plainColumn("ROLE", func(m *member) string { return string(m.EffectiveRole()) }),
			coloredColumn("LOGIN", loginColor, func(m *member) string { return string(m.Status.Login) }),
			coloredColumn("READY", readyColor, ready),
			{title: "AGE", text: func(m *member, now time.Time) string { return humanize.Age(m.CreationTimestamp, now) }},
			wideColumn("AGENT ID", func(m *member) string { return m.Spec.AgentID }),
			wideColumn("EXTENSION", func(m *member) string { return m.Spec.Extension }),
			wideColumn("MAIL", memberinfo.MailReason),
			wideColumn("REASON", func(m *member) string { return string(m.Status.LoginReason) }),
			wideColumn("LICENSE", memberinfo.HeldTier),
			wideColumn("SITE", func(m *member) string { return memberinfo.AssignedName(m.Status.Site) }),
			wideColumn("USER PROFILE", func(m *member) string { return memberinfo.AssignedName(m.Status.UserProfile) }),
		},
		sheet: memberSheet(),
	}
}

// SkillGroups describes SkillGroups.
func SkillGroups() kind[v1alpha1.SkillGroup] {
	type group = v1alpha1.SkillGroup
	common := []column[group]{
		plainColumn("CHANNEL", func(g *group) string { return string(g.Spec.Channel) }),
		plainColumn("MEMBERS", func(g *group) string { return Count(g.Status.Members) }),
		plainColumn("AVAILABLE", func(g *group) string { return Count(g.Status.Available) }),
		coloredColumn("READY", readyColor, func(g *group) string { return memberinfo.ConditionStatus(g.Status.Conditions, v1alpha1.ReadyCondition) }),
	}
	display := func(g *group) string { return g.Spec.DisplayName }
	name := func(g *group) string { return g.Name }
	sheet := []column[group]{plainColumn("name", name), plainColumn("displayName", display)}
	for _, c := range common {
		c.title = strings.ToLower(c.title)
		sheet = append(sheet, c)
	}
	columns := append([]column[group]{plainColumn("NAME", name), plainColumn("DISPLAY NAME", display)}, common...)
	return kind[group]{
		Resource: query.SkillGroups(),
		columns: append(columns,
			column[group]{title: "AGE", text: func(g *group, now time.Time) string { return humanize.Age(g.CreationTimestamp, now) }},
			wideColumn("MAX CONCURRENCY", func(g *group) string { return strconv.Itoa(int(g.Spec.MaxConcurrency)) }),
			wideColumn("RING ALL", func(g *group) string { return strconv.FormatBool(g.Spec.RingAll) }),
			wideColumn("SELECTOR", selectorCell),
		),
		sheet: sheet,
	}
}

// selectorCell returns the selector of a group, as -l takes it.
func selectorCell(g *v1alpha1.SkillGroup) string {
	if g.Spec.Selector == nil {
		return ""
	}
	return metav1.FormatLabelSelector(g.Spec.Selector)
}

// Count returns a number, or nothing if it is not known yet.
func Count(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// memberSheet returns the columns of Members as csv: spec fields under the names of import columns,
// then effective values under other names. New columns come last, for scripts that count.
func memberSheet() []column[v1alpha1.Member] {
	type member = v1alpha1.Member
	return []column[member]{
		plainColumn(string(roster.NameColumn), func(m *member) string { return m.Spec.Name }),
		plainColumn(string(roster.NicknameColumn), func(m *member) string { return m.Spec.Nickname }),
		plainColumn(string(roster.AgentIDColumn), func(m *member) string { return m.Spec.AgentID }),
		plainColumn(string(roster.EmailColumn), func(m *member) string { return m.Spec.Email }),
		plainColumn(string(roster.RoleColumn), func(m *member) string { return string(m.Spec.Role) }),
		plainColumn(string(roster.PhoneColumn), func(m *member) string { return m.Spec.Phone }),
		plainColumn(string(roster.ExtensionColumn), func(m *member) string { return m.Spec.Extension }),
		plainColumn(string(roster.SkillGroupsColumn), skillGroupsCell),
		plainColumn(string(roster.ActiveColumn), func(m *member) string { return strconv.FormatBool(m.Spec.IsActive()) }),
		plainColumn("login", func(m *member) string { return string(m.Status.Login) }),
		plainColumn("reason", func(m *member) string { return string(m.Status.LoginReason) }),
		plainColumn("mail", memberinfo.MailReason),
		plainColumn(string(roster.LicenseColumn), func(m *member) string { return string(m.Spec.License) }),
		plainColumn(string(roster.UserProfileColumn), func(m *member) string { return m.Spec.UserProfile }),
		plainColumn(string(roster.DesktopProfileColumn), func(m *member) string { return m.Spec.DesktopProfile }),
		plainColumn(string(roster.SiteColumn), func(m *member) string { return m.Spec.Site }),
		plainColumn(string(roster.TeamsColumn), func(m *member) string { return strings.Join(m.Spec.Teams, "; ") }),
		plainColumn("effectiveRole", func(m *member) string { return string(m.EffectiveRole()) }),
		plainColumn("licenseHeld", memberinfo.HeldTier),
		plainColumn("licenseAwaited", memberinfo.AwaitedTier),
		plainColumn("effectiveUserProfile", func(m *member) string { return memberinfo.AssignedName(m.Status.UserProfile) }),
		plainColumn("effectiveDesktopProfile", func(m *member) string { return memberinfo.AssignedName(m.Status.DesktopProfile) }),
		plainColumn("effectiveSite", func(m *member) string { return memberinfo.AssignedName(m.Status.Site) }),
		plainColumn("effectiveTeams", memberinfo.TeamNames),
	}
}

// skillGroupsCell returns the groups in the Member's spec, as import reads them.
func skillGroupsCell(m *v1alpha1.Member) string {
	cells := make([]string, 0, len(m.Spec.SkillGroups))
	for _, group := range m.Spec.SkillGroups {
		cells = append(cells, group.Name+":"+strconv.Itoa(int(group.Priority)))
	}
	return strings.Join(cells, "; ")
}
