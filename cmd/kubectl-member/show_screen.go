package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// portrait is what show knows of a member.
type portrait struct {
	member *v1alpha1.Member
	events []happening
	// unseen is why there are no events to show; empty if they were read.
	unseen string
	now    time.Time
	// flags are those that a command needs to mean the same cluster and namespace.
	flags string
}

// screen is what show writes.
type screen struct {
	session *session
	text    *strings.Builder
}

// print adds to the screen.
func (w *screen) print(format string, arguments ...any) { say(w.text, format, arguments...) }

// field writes a labelled text, if there is one.
func (w *screen) field(label, text string) {
	if text != "" {
		w.print("%-14s%s\n", label+":", onOneLine(text))
	}
}

// section writes a heading and rows in columns below it.
func (w *screen) section(title string, headers []string, rows [][]string) error {
	w.print("\n%s\n", w.session.paint(bold, title))
	// The indent is a column too.
	t := &table{to: w.text, headers: []header{{}}, widths: nil, bare: headers == nil}
	lines := make([][]string, len(rows))
	for _, title := range headers {
		t.headers = append(t.headers, header{title: title})
	}
	for i, row := range rows {
		for range len(row) + 1 - len(t.headers) {
			t.headers = append(t.headers, header{})
		}
		lines[i] = []string{""}
		for _, cell := range row {
			lines[i] = append(lines[i], onOneLine(cell))
		}
	}
	return t.write(lines)
}

// describe writes the screen of a Member.
func (s *session) describe(ctx context.Context, cluster client.Client, member *v1alpha1.Member) error {
	p := portrait{member: member, now: s.now(), flags: s.sameCluster()}
	p.events, p.unseen = recentEvents(ctx, cluster, member)
	return p.write(s)
}

// write writes the screen.
func (p portrait) write(s *session) error {
	w := &screen{session: s, text: &strings.Builder{}}
	words, colour := p.headline()
	w.print("%s\n\n", s.paint(bold+colour, words))
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
func (p portrait) writeFacts(w *screen) {
	spec, status := &p.member.Spec, &p.member.Status
	name := displayName(p.member)
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
func (p portrait) credentials() string {
	credentials := p.member.Status.Credentials
	if credentials == nil {
		return "none issued yet"
	}
	return fmt.Sprintf("number %d, issued %s, in Secret %s", credentials.Issue, p.moment(credentials.IssuedAt), credentials.SecretName)
}

// mail is what became of the letter with the current password.
func (p portrait) mail() string {
	text, ledger := p.reason(v1alpha1.PasswordMailedCondition), p.member.Status.Mail
	if ledger == nil || text == "" {
		return text
	}
	switch {
	case text == v1alpha1.ReasonMailed && ledger.AcceptedAt != nil:
		text += ", accepted by the mail server " + p.moment(*ledger.AcceptedAt)
	case p.isWithoutPassword() && ledger.Attempts > 0:
		text += ", tried " + times(ledger.Attempts)
		if ledger.LastError != "" {
			text += ", last: " + ledger.LastError
		}
	}
	if ledger.NextAttemptAt != nil {
		text += "; next attempt " + p.moment(*ledger.NextAttemptAt)
	}
	return text
}

// times is how often, in words.
func times(n int32) string {
	if n == 1 {
		return "once"
	}
	return strconv.Itoa(int(n)) + " times"
}

// permissions is what role and user profile give at the API server.
func (p portrait) permissions() string {
	granted, role := p.condition(v1alpha1.PermissionsGrantedCondition), p.member.EffectiveRole()
	switch profile := assigned(p.member.Status.UserProfile); {
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
