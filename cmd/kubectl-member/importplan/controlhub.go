package importplan

import (
	"fmt"
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/internal/roster"
)

// ControlHubRules are the options for files of Webex Control Hub.
type ControlHubRules struct {
	// Services is the meaning of FALSE in a service cell.
	Services roster.ServicesMode
	// AllUsers adds also people without a contact center service.
	AllUsers bool
}

// readControlHub completes a row of a file of Webex Control Hub from its Member, which is nil for a
// new row. There, empty cells change nothing, and --services decides what FALSE means. It reports
// whether the row counts.
func (p *planner) readControlHub(person *roster.Person, member *v1alpha1.Member) bool {
	if !p.sheet.ControlHub {
		return true
	}
	if member != nil {
		if member.Name == v1alpha1.SuperAdminMemberName {
			p.warn(person, roster.EmailColumn, "%s is the Super Admin's, which ContactCenter.spec.superAdmin describes: this row is left out", person.Email)
			return false
		}
		if person.Name == "" {
			person.Name = member.Spec.Name
		}
	}
	if person.Services == nil {
		return true
	}
	if member == nil && person.Services.AreNone() && !p.hub.AllUsers {
		p.leftOut++
		return false
	}
	p.readServices(person, member)
	return true
}

// readServices sets the license that the Member's spec should request. It leaves a license to
// MemberTemplates unless the file removes it.
func (p *planner) readServices(person *roster.Person, member *v1alpha1.Member) {
	held, byTemplate := "", ""
	if member != nil {
		held = string(member.Spec.License)
		byTemplate = licenseByTemplate(member)
	}
	if byTemplate == "" {
		person.License = person.Services.License(p.hub.Services, held)
		return
	}
	person.License = person.Services.License(p.hub.Services, byTemplate)
	if asked := person.Services.License(roster.AddServices, ""); person.License == byTemplate && asked != byTemplate {
		person.License = ""
	}
}

// licenseByTemplate returns the license that MemberTemplates give a Member whose spec names none.
// It is Premium while the Member waits for Premium or still has a Premium seat.
func licenseByTemplate(member *v1alpha1.Member) string {
	license := member.Status.License
	if member.Spec.License != "" || license == nil || !isByTemplate(license.Source) {
		return ""
	}
	if license.Tier == v1alpha1.TierPremium || license.Requested == "" {
		return string(license.Tier)
	}
	return string(license.Requested)
}

// isByTemplate reports whether a MemberTemplate is the source.
func isByTemplate(source v1alpha1.AssignmentSource) bool {
	return strings.HasPrefix(string(source), string(v1alpha1.SourceTemplate("")))
}

// warnOfControlHub warns of statements in the file that the plan ignores.
func (p *planner) warnOfControlHub() {
	if !p.sheet.ControlHub {
		return
	}
	if _, has := p.sheet.Has[roster.LicenseColumn]; !has && p.hub.Services == roster.AddRemoveServices {
		p.warnOfFile("the file has no column for a service of Webex Contact Center, so --services %s removes no license: export it again with these columns", roster.AddRemoveServices)
	}
	if p.leftOut > 0 {
		p.warnOfFile("%s no service of Webex Contact Center and %s left out: to add them, use --all-users",
			humanize.Plural(p.leftOut, "person in the file has", "people in the file have"), isOrAre(p.leftOut))
	}
	inactive := 0
	for _, step := range p.plan.Additions {
		if step.Person.InactiveInControlHub {
			inactive++
		}
	}
	if inactive > 0 {
		p.warnOfFile("%s the User Status Inactive, which import ignores: to deny login, run kubectl member edit NAME --active=false",
			humanize.Plural(inactive, "new person has", "new people have"))
	}
}

// isOrAre returns the verb for a number of people.
func isOrAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}

// warnOfFile records a warning about the whole file.
func (p *planner) warnOfFile(format string, arguments ...any) {
	p.plan.Faults = append(p.plan.Faults, roster.Fault{File: p.sheet.File, Message: fmt.Sprintf(format, arguments...), Warning: true})
}
