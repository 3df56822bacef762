package describe

import (
	"cmp"
	"fmt"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// role is the role that counts, and where it came from if not from the spec.
func (p Description) role() string {
	role, spec := p.member.EffectiveRole(), p.member.Spec.Role
	if role == spec {
		return string(spec)
	}
	return fmt.Sprintf("%s, said by %s (the spec has %s)", role, saidBy(p.member.Status.Role.Source), spec)
}

// saidBy is where a value came from, in words.
func saidBy(source v1alpha1.AssignmentSource) string {
	name, isTemplate := strings.CutPrefix(string(source), "Template/")
	switch {
	case isTemplate:
		return "MemberTemplate " + name
	case source == v1alpha1.SourceMember:
		return "the member"
	default:
		return string(source)
	}
}

// Where a site or a profile came from that nobody names.
const (
	defaultOfCenter  = "the contact centre's defaults"
	defaultOfProfile = "role and licence"
)

// profileByDefault is where a user profile came from that nobody names.
func profileByDefault(member *v1alpha1.Member) string {
	tier := v1alpha1.LicenseTier("")
	if member.Status.License != nil {
		tier = member.Status.License.Tier
	}
	if profile := member.Status.UserProfile; profile != nil && profile.Name == v1alpha1.DefaultProfile(member.EffectiveRole(), tier) {
		return defaultOfProfile
	}
	return defaultOfCenter
}

// writeAssigned writes licence, profiles, site and teams as they count, if there are
// any, with where each came from.
func (p Description) writeAssigned(w *screen) error {
	status := &p.member.Status
	rows := p.licenseRows()
	row := func(what string, assignment *v1alpha1.Assignment, byDefault string) {
		if assignment == nil {
			return
		}
		source := byDefault
		if assignment.Source != v1alpha1.SourceDefault {
			source = saidBy(assignment.Source)
		}
		rows = append(rows, []string{what, assignment.Name, source})
	}
	row("User profile", status.UserProfile, profileByDefault(p.member))
	row("Desktop profile", status.DesktopProfile, defaultOfCenter)
	row("Site", status.Site, defaultOfCenter)
	for i := range status.Teams {
		row("Team", &status.Teams[i], defaultOfCenter)
	}
	if rows == nil {
		return nil
	}
	return w.section("Licence, profiles and placement", []string{"WHAT", "WHICH", "SAID BY"}, rows)
}

// licenseRows are the licence that the member holds, and the one that it waits for;
// none where the contact centre has no licences.
func (p Description) licenseRows() (rows [][]string) {
	license := p.member.Status.License
	assigned := p.condition(v1alpha1.LicenseAssignedCondition)
	switch {
	case license == nil && assigned == nil:
		return nil
	case license == nil && p.member.Spec.License == v1alpha1.LicenseNone:
		return [][]string{{"Licence", "none", "the member"}}
	case license == nil:
		return [][]string{{"Licence", "none", "nobody asks for one"}}
	case license.Requested == "":
		return [][]string{{"Licence", string(license.Tier), licenseSource(license)}}
	}
	source := licenseSource(license)
	if assigned != nil {
		source += ", since " + p.moment(assigned.LastTransitionTime)
	}
	return [][]string{{"Licence", cmp.Or(string(license.Tier), "none"), ""}, {"Waits for", string(license.Requested), source}}
}

// licenseSource is who asks for a licence.
func licenseSource(license *v1alpha1.LicenseStatus) string {
	if license.Source == "" {
		return "nobody any more"
	}
	return saidBy(license.Source)
}

// writeTemplates writes what MemberTemplates do for the member, the strongest first,
// and what somebody else says differently.
func (p Description) writeTemplates(w *screen) error {
	var rows [][]string
	for _, use := range p.member.Status.Templates {
		gives := make([]string, 0, len(use.Gives))
		for _, field := range use.Gives {
			gives = append(gives, string(field))
		}
		overruled := make([]string, 0, len(use.Overruled))
		for _, o := range use.Overruled {
			by := saidBy(o.By)
			if o.By == v1alpha1.SourceDefault {
				by = "the role"
			}
			overruled = append(overruled, fmt.Sprintf("%s by %s", o.Field, by))
		}
		rows = append(rows, []string{use.Name, cmp.Or(strings.Join(gives, ", "), "nothing"), strings.Join(overruled, ", ")})
	}
	if rows == nil {
		return nil
	}
	return w.section("MemberTemplates about the member, the strongest first", []string{"NAME", "GIVES", "OVERRULED"}, rows)
}

// withoutLicense says in words why login is denied for want of a licence.
func withoutLicense(member *v1alpha1.Member) string {
	license := member.Status.License
	if license == nil {
		license = &v1alpha1.LicenseStatus{}
	}
	switch {
	case license.Requested != "":
		return fmt.Sprintf("no %s seat is free, and the member waits for one", license.Requested)
	case member.Spec.License == v1alpha1.LicenseNone:
		return "the member is to have no licence"
	case member.EffectiveRole() == v1alpha1.RoleSupervisor:
		return "a Supervisor needs a Premium licence, and nobody asks for one"
	default:
		return "nobody asks for a licence for the member"
	}
}

// wantsNoLicense is whether a member without a licence is as it should be: its spec
// says so, or it administers the contact centre and nobody asks for one.
func (p Description) wantsNoLicense(reason string) bool {
	asksForNone := p.member.Spec.License == v1alpha1.LicenseNone || p.member.EffectiveRole().IsAdministrator()
	return reason == v1alpha1.ReasonNotRequested && asksForNone
}
