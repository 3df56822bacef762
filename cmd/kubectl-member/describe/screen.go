package describe

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
)

// Description is what show knows of a member.
type Description struct {
	member *v1alpha1.Member
	events []Event
	// NoEventsReason is why there are no events to show; empty if they were read.
	NoEventsReason string
	now            time.Time
	// ConnectionArguments are those that a command needs to mean the same cluster and namespace.
	ConnectionArguments string
}

// screen is what show writes.
type screen struct {
	session *cli.Session
	text    *strings.Builder
}

// print adds to the screen.
func (w *screen) print(format string, arguments ...any) { cli.Say(w.text, format, arguments...) }

// field writes a labelled text, if there is one.
func (w *screen) field(label, text string) {
	if text != "" {
		w.print("%-14s%s\n", label+":", humanize.OneLine(text))
	}
}

// section writes a heading and rows in columns below it.
func (w *screen) section(title string, headers []string, rows [][]string) error {
	w.print("\n%s\n", w.session.Paint(cli.Bold, title))
	// The indent is a column too.
	t := &printer.TableWriter{To: w.text, Headers: []printer.Header{{}}, Widths: nil, NoHeaders: headers == nil}
	lines := make([][]string, len(rows))
	for _, title := range headers {
		t.Headers = append(t.Headers, printer.Header{Title: title})
	}
	for i, row := range rows {
		for range len(row) + 1 - len(t.Headers) {
			t.Headers = append(t.Headers, printer.Header{})
		}
		lines[i] = []string{""}
		for _, cell := range row {
			lines[i] = append(lines[i], humanize.OneLine(cell))
		}
	}
	return t.WriteRows(lines)
}

// Member writes the screen of a Member.
func Member(ctx context.Context, s *cli.Session, cluster client.Client, member *v1alpha1.Member) error {
	p := Description{member: member, now: s.Now(), ConnectionArguments: s.ConnectionArguments()}
	p.events, p.NoEventsReason = RecentEvents(ctx, cluster, member)
	return p.Write(s)
}

// Write writes the screen.
func (p Description) Write(s *cli.Session) error {
	w := &screen{session: s, text: &strings.Builder{}}
	words, colour := p.headline()
	w.print("%s\n\n", s.Paint(cli.Bold+colour, words))
	p.writeFacts(w)
	for _, section := range []func(*screen) error{p.writeGroups, p.writeAssigned, p.writeTemplates, p.writeAmiss, p.writeAuthors, p.writeEvents, p.writeAdvice} {
		if err := section(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(s.Out, w.text.String())
	return err
}

// writeFacts writes who it is, and how things stand.
func (p Description) writeFacts(w *screen) {
	spec, status := &p.member.Spec, &p.member.Status
	name := memberinfo.DisplayName(p.member)
	if spec.Nickname != "" {
		name += ", to customers " + spec.Nickname
	}
	w.field("Name", name)
	w.field("Email", spec.Email)
	w.field("Role", p.role())
	w.field("Agent ID", spec.AgentID)
	w.field("Extension", spec.Extension)
	w.field("Phone", spec.Phone)
	login := "not known yet"
	if status.Login != "" {
		login = fmt.Sprintf("%s, %s", status.Login, status.LoginReason)
	}
	if condition := p.condition(v1alpha1.LoginAllowedCondition); condition != nil {
		w.field("Login", login)
		w.field("Since", p.moment(condition.LastTransitionTime))
		if status.Login == v1alpha1.LoginDenied {
			w.field("Why", condition.Message)
		}
	} else {
		w.field("Login", login)
	}
	w.field("Until", p.until())
	w.field("Password", p.credentials())
	w.field("Mail", p.mail())
	w.field("Permissions", p.permissions())
}

// credentials describes the current password, never the password itself.
func (p Description) credentials() string {
	credentials := p.member.Status.Credentials
	if credentials == nil {
		return "none issued yet"
	}
	return fmt.Sprintf("number %d, issued %s, in Secret %s", credentials.Issue, p.moment(credentials.IssuedAt), credentials.SecretName)
}

// mail is what became of the letter with the current password.
func (p Description) mail() string {
	text, ledger := p.reason(v1alpha1.PasswordMailedCondition), p.member.Status.Mail
	if ledger == nil || text == "" {
		return text
	}
	switch {
	case text == v1alpha1.ReasonMailed && ledger.AcceptedAt != nil:
		text += ", accepted by the mail server " + p.moment(*ledger.AcceptedAt)
	case p.isWithoutPassword() && ledger.Attempts > 0:
		text += ", tried " + humanize.Times(ledger.Attempts)
		if ledger.LastError != "" {
			text += ", last: " + ledger.LastError
		}
	}
	if ledger.NextAttemptAt != nil {
		text += "; next attempt " + p.moment(*ledger.NextAttemptAt)
	}
	return text
}

// permissions is what role and user profile give at the API server.
func (p Description) permissions() string {
	granted, role := p.condition(v1alpha1.PermissionsGrantedCondition), p.member.EffectiveRole()
	switch profile := memberinfo.AssignedName(p.member.Status.UserProfile); {
	case granted != nil:
		return granted.Reason + ": " + granted.Message
	case role.ClusterRole() == "":
		return "none, as the role " + cmp.Or(string(role), string(v1alpha1.RoleDeskStaff)) + " has"
	case profile == v1alpha1.ProfileStandardAgent, profile == v1alpha1.ProfilePremiumAgent:
		return "none, as the user profile " + profile + " gives"
	default:
		return "none: the contact centre has no spec.identity, or the operator has not looked yet"
	}
}
