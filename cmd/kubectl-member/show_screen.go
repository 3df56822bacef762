package main

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// screen is what show writes.
type screen struct {
	strings.Builder

	session *session
}

// field writes a labelled text, if there is one.
func (w *screen) field(label, text string) {
	if text != "" {
		fmt.Fprintf(w, "%-14s%s\n", label+":", onOneLine(text))
	}
}

// section writes a heading and rows in columns below it.
func (w *screen) section(title string, headers []string, rows [][]string) error {
	w.WriteString("\n" + w.session.paint(bold, title) + "\n")
	// The indent is a column too.
	t := &table{to: w, headers: []header{{}}, widths: nil, bare: headers == nil}
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

// write writes the screen.
func (p portrait) write(s *session) error {
	w := &screen{session: s}
	words, colour := p.headline()
	w.WriteString(s.paint(bold+colour, words) + "\n\n")
	p.writeFacts(w)
	for _, section := range []func(*screen) error{p.writeGroups, p.writeAmiss, p.writeAuthors, p.writeEvents, p.writeAdvice} {
		if err := section(w); err != nil {
			return err
		}
	}
	_, err := io.WriteString(s.Out, w.String())
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
	w.field("Role", string(spec.Role))
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
		w.field("Why", condition.Message)
	} else {
		w.field("Login", login)
	}
	w.field("Until", p.until())
	w.field("Reason", spec.ForceOfflineReason)
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

// permissions is what the role gives at the API server.
func (p portrait) permissions() string {
	granted := p.condition(v1alpha1.PermissionsGrantedCondition)
	switch {
	case granted != nil:
		return granted.Reason + ": " + granted.Message
	case p.member.Spec.Role.ClusterRole() == "":
		return "none, as the role " + cmp.Or(string(p.member.Spec.Role), string(v1alpha1.RoleDeskStaff)) + " has"
	default:
		return "none: the contact centre has no spec.identity, or the operator has not looked yet"
	}
}

// writeGroups writes the groups that the member really is in.
func (p portrait) writeGroups(w *screen) error {
	memberships := p.member.Status.SkillGroups
	if len(memberships) == 0 {
		w.field("Skill groups", "none")
		return nil
	}
	said := map[v1alpha1.MembershipSource]string{
		v1alpha1.MembershipFromMember:     "the member",
		v1alpha1.MembershipFromSkillGroup: "the group's list",
		v1alpha1.MembershipFromSelector:   "the group's selector",
	}
	rows := make([][]string, 0, len(memberships))
	for _, m := range memberships {
		rows = append(rows, []string{m.Name, strconv.Itoa(int(m.Priority)), cmp.Or(said[m.Source], string(m.Source))})
	}
	return w.section("Skill groups", []string{"NAME", "PRIORITY", "SAID BY"}, rows)
}

// writeAmiss writes the conditions that are not as they should be.
func (p portrait) writeAmiss(w *screen) error {
	var rows [][]string
	for _, condition := range p.member.Status.Conditions {
		if isAmiss(condition) {
			rows = append(rows, []string{condition.Type, string(condition.Status), condition.Reason, condition.Message})
		}
	}
	if rows == nil {
		return nil
	}
	return w.section("Not as it should be", []string{"CONDITION", "STATUS", "REASON", "MESSAGE"}, rows)
}

// isAmiss is whether a condition is worth a look.
func isAmiss(condition metav1.Condition) bool {
	switch condition.Type {
	case v1alpha1.StalledCondition:
		return condition.Status != metav1.ConditionFalse
	case v1alpha1.LoginAllowedCondition:
		// It has lines of its own.
		return false
	default:
		return condition.Status != metav1.ConditionTrue || condition.Reason == v1alpha1.ReasonNotRevoked
	}
}

// writeAuthors writes which programs wrote last what decides about login.
func (p portrait) writeAuthors(w *screen) error {
	var rows [][]string
	for _, author := range authors(p.member) {
		rows = append(rows, []string{author.field, author.program, p.moment(author.at)})
	}
	if rows == nil {
		return nil
	}
	if err := w.section("Written last by", []string{"FIELD", "PROGRAM", "WHICH WROTE LAST"}, rows); err != nil {
		return err
	}
	w.WriteString("   These are programs, not people: who asked is in the audit log, see docs/audit.md.\n")
	return nil
}

// writeEvents writes what happened lately.
func (p portrait) writeEvents(w *screen) error {
	if p.unseen != "" {
		w.WriteString("\n")
		w.field("Events", "not shown: "+p.unseen)
		return nil
	}
	var rows [][]string
	for _, e := range p.events {
		rows = append(rows, []string{age(e.at, p.now), e.kind, e.reason, e.note})
	}
	if rows == nil {
		w.WriteString("\n")
		w.field("Events", "none lately")
		return nil
	}
	return w.section("Events", []string{"AGE", "TYPE", "REASON", "NOTE"}, rows)
}

// writeAdvice writes what to do next.
func (p portrait) writeAdvice(w *screen) error {
	given := p.advice()
	if len(given) == 0 {
		return nil
	}
	w.WriteString("\n" + w.session.paint(bold, "What to do next") + "\n")
	for _, advice := range given {
		w.WriteString("   " + onOneLine(advice.text) + "\n")
		for _, command := range advice.commands {
			w.WriteString("      " + onOneLine(command) + "\n")
		}
	}
	return nil
}
