package describe

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

func (w *screen) writeGroups() {
	sources := map[v1alpha1.MembershipSource]string{
		v1alpha1.MembershipFromMember:     "the member",
		v1alpha1.MembershipFromSkillGroup: "the group's list",
		v1alpha1.MembershipFromSelector:   "the group's selector",
		v1alpha1.MembershipFromTemplate:   "a MemberTemplate",
	}
	var rows [][]string
	for _, m := range w.member.Status.SkillGroups {
		rows = append(rows, []string{m.Name, strconv.Itoa(int(m.Priority)), cmp.Or(sources[m.Source], string(m.Source))})
	}
	if rows == nil {
		w.field("Skill groups", "none")
	}
	w.section("Skill groups", []string{"NAME", "PRIORITY", "SOURCE"}, rows)
}

// sourceWords returns the source of a value, in words.
func sourceWords(source v1alpha1.AssignmentSource) string {
	name, isTemplate := strings.CutPrefix(string(source), string(v1alpha1.SourceTemplate("")))
	switch {
	case isTemplate:
		return "MemberTemplate " + name
	case source == v1alpha1.SourceMember:
		return "the member"
	default:
		return string(source)
	}
}

// writeAssignments writes the effective license, profiles, site, and teams, with their sources.
func (w *screen) writeAssignments() {
	const centerDefaults = "the contact center's defaults"
	status := &w.member.Status
	rows := w.licenseRows()
	add := func(what string, assignment *v1alpha1.Assignment, defaultSource string) {
		if assignment == nil {
			return
		}
		source := defaultSource
		if assignment.Source != v1alpha1.SourceDefault {
			source = sourceWords(assignment.Source)
		}
		rows = append(rows, []string{what, assignment.Name, source})
	}
	profileSource := centerDefaults
	byRole := v1alpha1.DefaultProfile(w.member.EffectiveRole(), v1alpha1.LicenseTier(memberinfo.HeldTier(w.member)))
	if memberinfo.AssignedName(status.UserProfile) == byRole {
		profileSource = "role and license"
	}
	add("User profile", status.UserProfile, profileSource)
	add("Desktop profile", status.DesktopProfile, centerDefaults)
	add("Site", status.Site, centerDefaults)
	for i := range status.Teams {
		add("Team", &status.Teams[i], centerDefaults)
	}
	w.section("License, profiles, and placement", []string{"WHAT", "WHICH", "SOURCE"}, rows)
}

// licenseRows returns the licenses that the member holds and waits for. There are none if the
// contact center has no licenses.
func (w *screen) licenseRows() [][]string {
	license, assigned := w.member.Status.License, w.condition(v1alpha1.LicenseAssignedCondition)
	switch {
	case license == nil && assigned == nil:
		return nil
	case license == nil && w.member.Spec.License == v1alpha1.LicenseNone:
		return [][]string{{"License", "none", "the member"}}
	case license == nil:
		return [][]string{{"License", "none", "not requested"}}
	}
	source := "no longer requested"
	if license.Source != "" {
		source = sourceWords(license.Source)
	}
	if license.Requested == "" {
		return [][]string{{"License", string(license.Tier), source}}
	}
	if assigned != nil {
		source += ", since " + w.moment(assigned.LastTransitionTime)
	}
	return [][]string{{"License", cmp.Or(string(license.Tier), "none"), ""}, {"Waits for", string(license.Requested), source}}
}

// writeTemplates writes what MemberTemplates give the member, and what overrules them.
func (w *screen) writeTemplates() {
	var rows [][]string
	for _, use := range w.member.Status.Templates {
		var gives, overruled []string
		for _, field := range use.Gives {
			gives = append(gives, string(field))
		}
		for _, o := range use.Overruled {
			by := sourceWords(o.By)
			if o.By == v1alpha1.SourceDefault {
				by = "the role"
			}
			overruled = append(overruled, fmt.Sprintf("%s by %s", o.Field, by))
		}
		rows = append(rows, []string{use.Name, cmp.Or(strings.Join(gives, ", "), "nothing"), strings.Join(overruled, ", ")})
	}
	w.section("MemberTemplates that match the member, highest precedence first", []string{"NAME", "GIVES", "OVERRULED"}, rows)
}

// writeProblems writes the conditions that need attention. Conditions with the same reason and
// message share a row: Ready and Stalled repeat another one.
func (w *screen) writeProblems() {
	var rows [][]string
	for _, condition := range w.member.Status.Conditions {
		if !w.isProblem(condition) {
			continue
		}
		name := condition.Type + "=" + string(condition.Status)
		same := slices.IndexFunc(rows, func(row []string) bool { return row[1] == condition.Reason && row[2] == condition.Message })
		if same < 0 {
			rows = append(rows, []string{name, condition.Reason, condition.Message})
		} else {
			rows[same][0] += ", " + name
		}
	}
	w.section("Problems", []string{"CONDITION", "REASON", "MESSAGE"}, rows)
}

// isProblem reports whether a condition needs attention.
func (w *screen) isProblem(condition metav1.Condition) bool {
	isTrue := condition.Status == metav1.ConditionTrue
	switch condition.Type {
	case v1alpha1.StalledCondition:
		return condition.Status != metav1.ConditionFalse
	case v1alpha1.LoginAllowedCondition:
		// The facts show it.
		return false
	case v1alpha1.LicenseAssignedCondition:
		needsNone := w.member.Spec.License == v1alpha1.LicenseNone || w.member.EffectiveRole().IsAdministrator()
		return !isTrue && (condition.Reason != v1alpha1.ReasonNotRequested || !needsNone)
	}
	switch condition.Reason {
	case v1alpha1.ReasonLoginDenied, v1alpha1.ReasonHeld:
		// These are expected while login is denied.
		return false
	case v1alpha1.ReasonNotRevoked:
		return true
	default:
		return !isTrue
	}
}
