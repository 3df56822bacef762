package main

import (
	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// readControlHub makes a row of a file of Webex Control Hub say what is to be so with
// its Member, nil for a new one: there, an empty cell says nothing, and what FALSE says
// depends on the option --services. It says whether the row counts.
func (p *importPlanner) readControlHub(person *roster.Person, member *v1alpha1.Member) bool {
	if !p.sheet.ControlHub {
		return true
	}
	held := ""
	if member != nil {
		if member.Name == v1alpha1.SuperAdminMemberName {
			p.warn(person, roster.EmailColumn, "%s is the Super Admin's, whom the operator makes from ContactCenter.spec.superAdmin: this row is left out", person.Email)
			return false
		}
		held = string(member.Spec.License)
		if person.Name == "" {
			person.Name = member.Spec.Name
		}
	}
	if person.Services == nil {
		return true
	}
	if isOff(person.Services.Standard) && isOff(person.Services.Premium) && member == nil {
		p.unserved = append(p.unserved, person)
	}
	person.License = person.Services.License(p.services, held)
	return true
}

// isOff is whether a cell is FALSE.
func isOff(service *bool) bool { return service != nil && !*service }

// warnOfUnserved says that people become members who use another service of Webex.
func (p *importPlanner) warnOfUnserved() {
	if len(p.unserved) == 0 {
		return
	}
	first := p.unserved[0]
	p.warn(first, roster.LicenseColumn, "%s is new, and both services are FALSE (%s so in all): such people are added without a licence of their own; remove the rows of those who are not of the contact centre",
		first.Email, plural(len(p.unserved), "row is", "rows are"))
}
