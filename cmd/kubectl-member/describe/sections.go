package describe

import (
	"cmp"
	"slices"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// writeGroups writes the groups that the member really is in.
func (p Description) writeGroups(w *screen) error {
	memberships := p.member.Status.SkillGroups
	if len(memberships) == 0 {
		w.field("Skill groups", "none")
		return nil
	}
	said := map[v1alpha1.MembershipSource]string{
		v1alpha1.MembershipFromMember:     "the member",
		v1alpha1.MembershipFromSkillGroup: "the group's list",
		v1alpha1.MembershipFromSelector:   "the group's selector",
		v1alpha1.MembershipFromTemplate:   "a MemberTemplate",
	}
	rows := make([][]string, 0, len(memberships))
	for _, m := range memberships {
		rows = append(rows, []string{m.Name, strconv.Itoa(int(m.Priority)), cmp.Or(said[m.Source], string(m.Source))})
	}
	return w.section("Skill groups", []string{"NAME", "PRIORITY", "SAID BY"}, rows)
}

// writeAmiss writes the conditions that are not as they should be.
func (p Description) writeAmiss(w *screen) error {
	var rows [][]string
	for _, condition := range p.member.Status.Conditions {
		if !p.isAmiss(condition) {
			continue
		}
		name := condition.Type + "=" + string(condition.Status)
		same := slices.IndexFunc(rows, func(row []string) bool { return row[1] == condition.Reason && row[2] == condition.Message })
		if same < 0 {
			rows = append(rows, []string{name, condition.Reason, condition.Message})
			continue
		}
		// Ready and Stalled say again what another one says.
		rows[same][0] += ", " + name
	}
	if rows == nil {
		return nil
	}
	return w.section("Not as it should be", []string{"CONDITION", "REASON", "MESSAGE"}, rows)
}

// isAmiss is whether a condition is worth a look.
func (p Description) isAmiss(condition metav1.Condition) bool {
	switch condition.Type {
	case v1alpha1.StalledCondition:
		return condition.Status != metav1.ConditionFalse
	case v1alpha1.LoginAllowedCondition:
		// It has lines of its own.
		return false
	case v1alpha1.LicenseAssignedCondition:
		return condition.Status != metav1.ConditionTrue && !p.wantsNoLicense(condition.Reason)
	default:
		if condition.Reason == v1alpha1.ReasonLoginDenied || condition.Reason == v1alpha1.ReasonHeld {
			// That is how it should be while login is denied.
			return false
		}
		return condition.Status != metav1.ConditionTrue || condition.Reason == v1alpha1.ReasonNotRevoked
	}
}

// writeAuthors writes which programs wrote the spec last, and what decides about login.
func (p Description) writeAuthors(w *screen) error {
	var rows [][]string
	for _, author := range authors(p.member) {
		rows = append(rows, []string{author.field, author.value, author.program, p.moment(author.at)})
	}
	if rows == nil {
		rows = [][]string{{"spec", "", "not known: the Member has no managed fields of its spec", ""}}
	}
	if err := w.section("Written last by", []string{"FIELD", "VALUE", "PROGRAM", "WHICH WROTE LAST"}, rows); err != nil {
		return err
	}
	w.print("   These are programs, not people: who asked is in the audit log, see docs/audit.md.\n")
	return nil
}

// writeEvents writes what happened lately.
func (p Description) writeEvents(w *screen) error {
	if p.NoEventsReason != "" {
		w.print("\n")
		w.field("Events", "not shown: "+p.NoEventsReason)
		return nil
	}
	var rows [][]string
	for _, e := range p.events {
		rows = append(rows, []string{humanize.Age(e.at, p.now), e.kind, e.reason, e.note})
	}
	if rows == nil {
		w.print("\n")
		w.field("Events", "none lately")
		return nil
	}
	return w.section("Events", []string{"AGE", "TYPE", "REASON", "NOTE"}, rows)
}

// writeAdvice writes what to do next.
func (p Description) writeAdvice(w *screen) error {
	given := p.advice()
	if len(given) == 0 {
		return nil
	}
	w.print("\n%s\n", w.session.Paint(cli.Bold, "What to do next"))
	for _, advice := range given {
		w.print("   %s\n", humanize.OneLine(advice.text))
		for _, command := range advice.commands {
			w.print("      %s\n", humanize.OneLine(command))
		}
	}
	return nil
}
