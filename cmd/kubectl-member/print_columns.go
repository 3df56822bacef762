package main

import (
	"strconv"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// kind is how a resource kind is printed.
type kind[T any] struct {
	resource[T]

	// columns are those of a table, sheet those of csv.
	columns, sheet []column[T]
}

// column is a column of a table or a sheet.
type column[T any] struct {
	title string
	// wide is whether the column is shown with -o wide only.
	wide bool
	text func(item *T, now time.Time) string
	// paint colours the text on a terminal; nil: plain.
	paint func(text string) string
}

// plainly makes a column of something that does not depend on the time.
func plainly[T any](title string, text func(*T) string) column[T] {
	return column[T]{title: title, text: func(item *T, _ time.Time) string { return text(item) }}
}

// widely makes a column of -o wide.
func widely[T any](title string, text func(*T) string) column[T] {
	c := plainly(title, text)
	c.wide = true
	return c
}

// painted makes a column with colours.
func painted[T any](title string, paint func(string) string, text func(*T) string) column[T] {
	c := plainly(title, text)
	c.paint = paint
	return c
}

// members describes Members. The columns of the table are those of kubectl get; the
// role is the one that counts.
func members() kind[v1alpha1.Member] {
	type member = v1alpha1.Member
	ready := func(m *member) string { return conditionStatus(m.Status.Conditions, v1alpha1.ReadyCondition) }
	return kind[member]{
		resource: memberResource(),
		columns: []column[member]{
			plainly("NAME", func(m *member) string { return m.Name }),
			plainly("NICKNAME", func(m *member) string { return m.Spec.Nickname }),
			plainly("EMAIL", func(m *member) string { return m.Spec.Email }),
			plainly("ROLE", func(m *member) string { return string(m.EffectiveRole()) }),
			painted("LOGIN", paintLogin, func(m *member) string { return string(m.Status.Login) }),
			painted("READY", paintReady, ready),
			{title: "AGE", text: func(m *member, now time.Time) string { return age(m.CreationTimestamp, now) }},
			widely("AGENT ID", func(m *member) string { return m.Spec.AgentID }),
			widely("EXTENSION", func(m *member) string { return m.Spec.Extension }),
			widely("MAIL", mailReason),
			widely("REASON", func(m *member) string { return string(m.Status.LoginReason) }),
			widely("LICENSE", heldTier),
			widely("SITE", func(m *member) string { return assigned(m.Status.Site) }),
			widely("USER PROFILE", func(m *member) string { return assigned(m.Status.UserProfile) }),
		},
		sheet: memberSheet(),
	}
}

// groups describes SkillGroups.
func groups() kind[v1alpha1.SkillGroup] {
	type group = v1alpha1.SkillGroup
	common := []column[group]{
		plainly("CHANNEL", func(g *group) string { return string(g.Spec.Channel) }),
		plainly("MEMBERS", func(g *group) string { return count(g.Status.Members) }),
		plainly("AVAILABLE", func(g *group) string { return count(g.Status.Available) }),
		painted("READY", paintReady, func(g *group) string { return conditionStatus(g.Status.Conditions, v1alpha1.ReadyCondition) }),
	}
	display := func(g *group) string { return g.Spec.DisplayName }
	name := func(g *group) string { return g.Name }
	sheet := []column[group]{plainly("name", name), plainly("displayName", display)}
	for _, c := range common {
		c.title = strings.ToLower(c.title)
		sheet = append(sheet, c)
	}
	columns := append([]column[group]{plainly("NAME", name), plainly("DISPLAY NAME", display)}, common...)
	return kind[group]{
		resource: groupResource(),
		columns: append(columns,
			column[group]{title: "AGE", text: func(g *group, now time.Time) string { return age(g.CreationTimestamp, now) }},
			widely("MAX CONCURRENCY", func(g *group) string { return strconv.Itoa(int(g.Spec.MaxConcurrency)) }),
			widely("RING ALL", func(g *group) string { return strconv.FormatBool(g.Spec.RingAll) }),
			widely("SELECTOR", selectorCell),
		),
		sheet: sheet,
	}
}

// conditionStatus is the status of a condition; empty where there is none.
func conditionStatus(conditions []metav1.Condition, name string) string {
	if condition := apimeta.FindStatusCondition(conditions, name); condition != nil {
		return string(condition.Status)
	}
	return ""
}

// mailReason is what became of the letter with the current password.
func mailReason(m *v1alpha1.Member) string {
	if condition := apimeta.FindStatusCondition(m.Status.Conditions, v1alpha1.PasswordMailedCondition); condition != nil {
		return condition.Reason
	}
	return ""
}

// isActive is whether spec.active, by default true, allows login.
func isActive(m *v1alpha1.Member) bool { return m.Spec.Active == nil || *m.Spec.Active }

// selectorCell is the selector of a group, as -l takes it.
func selectorCell(g *v1alpha1.SkillGroup) string {
	if g.Spec.Selector == nil {
		return ""
	}
	return metav1.FormatLabelSelector(g.Spec.Selector)
}

// count is a number that may not be known yet.
func count(n *int32) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(int(*n))
}

// age is how long ago something was, as kubectl writes it.
func age(at metav1.Time, now time.Time) string {
	if at.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(at.Time))
}
