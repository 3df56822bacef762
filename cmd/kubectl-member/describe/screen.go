// Package describe writes the screen of `kubectl member show`.
package describe

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

// screen describes a member. Its text grows section by section.
type screen struct {
	member *v1alpha1.Member
	events []event
	// noEvents is why the events could not be read.
	noEvents error
	now      time.Time
	// connection holds the flags that select the same cluster and namespace.
	connection string
	paint      func(color, text string) string
	text       strings.Builder
}

// Member writes the screen of a Member.
func Member(ctx context.Context, s *cli.Session, cluster client.Client, member *v1alpha1.Member) error {
	w := &screen{member: member, now: s.Now(), connection: s.ConnectionArguments(), paint: s.Paint}
	w.events, w.noEvents = recentEvents(ctx, cluster, member)
	words, color := w.headline()
	w.print("%s\n\n", w.paint(cli.Bold+color, words))
	w.writeFacts()
	w.writeGroups()
	w.writeAssignments()
	w.writeTemplates()
	w.writeProblems()
	w.writeWriters()
	w.writeEvents()
	w.writeAdvice()
	_, err := io.WriteString(s.Out, w.text.String())
	return err
}

func (w *screen) print(format string, arguments ...any) { cli.Say(&w.text, format, arguments...) }

// field writes a labeled text that is not empty.
func (w *screen) field(label, text string) {
	if text != "" {
		w.print("%-14s%s\n", label+":", humanize.OneLine(text))
	}
}

// section writes a title and a table, unless it has no rows.
func (w *screen) section(title string, headers []string, rows [][]string) {
	if len(rows) > 0 {
		w.print("\n%s\n%s", w.paint(cli.Bold, title), printer.IndentedTable(headers, rows))
	}
}

// writeFacts writes the fields of the member, and its login, password, and permissions.
func (w *screen) writeFacts() {
	spec, status := &w.member.Spec, &w.member.Status
	name := spec.EffectiveName()
	if spec.Nickname != "" {
		name += ", to customers " + spec.Nickname
	}
	role := string(w.member.EffectiveRole())
	if role != string(spec.Role) {
		role = fmt.Sprintf("%s, from %s (the spec has %s)", role, sourceWords(status.Role.Source), spec.Role)
	}
	login := "not known yet"
	if status.Login != "" {
		login = fmt.Sprintf("%s, %s", status.Login, status.LoginReason)
	}
	for _, field := range [][2]string{
		{"Name", name}, {"Email", spec.Email}, {"Role", role}, {"Agent ID", spec.AgentID}, {"Extension", spec.Extension}, {"Phone", spec.Phone}, {"Login", login},
	} {
		w.field(field[0], field[1])
	}
	if condition := w.condition(v1alpha1.LoginAllowedCondition); condition != nil {
		w.field("Since", w.moment(condition.LastTransitionTime))
		if status.Login == v1alpha1.LoginDenied {
			w.field("Why", condition.Message)
		}
	}
	w.field("Until", w.until())
	password := "none issued yet"
	if issued := status.Credentials; issued != nil {
		password = fmt.Sprintf("number %d, issued %s, in Secret %s", issued.Issue, w.moment(issued.IssuedAt), issued.SecretName)
	}
	w.field("Password", password)
	w.field("Mail", w.mail())
	w.field("Permissions", w.permissions())
}

// mail describes the e-mail with the current password.
func (w *screen) mail() string {
	text, record := w.reason(v1alpha1.PasswordMailedCondition), w.member.Status.Mail
	if record == nil || text == "" {
		return text
	}
	switch {
	case text == v1alpha1.ReasonMailed && record.AcceptedAt != nil:
		text += ", accepted by the mail server " + w.moment(*record.AcceptedAt)
	case w.lacksPassword() && record.Attempts > 0:
		text += ", tried " + humanize.Times(record.Attempts)
		if record.LastError != "" {
			text += ", last: " + record.LastError
		}
	}
	if record.NextAttemptAt != nil {
		text += "; next attempt " + w.moment(*record.NextAttemptAt)
	}
	return text
}

// permissions describes the permissions at the API server.
func (w *screen) permissions() string {
	granted, role := w.condition(v1alpha1.PermissionsGrantedCondition), w.member.EffectiveRole()
	switch profile := memberinfo.AssignedName(w.member.Status.UserProfile); {
	case granted != nil:
		return granted.Reason + ": " + granted.Message
	case role.ClusterRole() == "":
		return fmt.Sprintf("none: the role %s has none", cmp.Or(role, v1alpha1.RoleDeskStaff))
	case profile == v1alpha1.ProfileStandardAgent, profile == v1alpha1.ProfilePremiumAgent:
		return fmt.Sprintf("none: the user profile %s gives none", profile)
	default:
		return "none: the contact center has no spec.identity, or the operator has not seen the member yet"
	}
}

// isBehind reports whether the status describes an older spec.
func (w *screen) isBehind() bool { return w.member.Status.ObservedGeneration < w.member.Generation }

// lacksPassword reports whether the current password has not reached the member.
func (w *screen) lacksPassword() bool {
	return apimeta.IsStatusConditionFalse(w.member.Status.Conditions, v1alpha1.PasswordMailedCondition)
}

// condition returns a condition of the member, or nil.
func (w *screen) condition(name string) *metav1.Condition {
	return apimeta.FindStatusCondition(w.member.Status.Conditions, name)
}

// reason returns the reason of a condition, or nothing.
func (w *screen) reason(name string) string {
	if condition := w.condition(name); condition != nil {
		return condition.Reason
	}
	return ""
}

// moment returns a time, with its distance from now.
func (w *screen) moment(at metav1.Time) string {
	text := at.UTC().Format(time.RFC3339)
	if w.now.Before(at.Time) {
		return text + " (in " + humanize.Age(metav1.NewTime(w.now), at.Time) + ")"
	}
	return text + " (" + humanize.Age(at, w.now) + " ago)"
}
