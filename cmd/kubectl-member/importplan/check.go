// Package importplan compares a sheet with the Members of a contact center and
// plans what an import writes. It does no I/O.
package importplan

import (
	"cmp"
	"slices"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// checkNew reports whether a row can become a Member, given the cluster and the rest of the sheet.
// It records faults.
func (p *planner) checkNew(person *roster.Person) bool {
	before := len(p.plan.Faults)
	p.checkExtension(person, nil)
	holder := p.existing.byAgentID[person.AgentID]
	switch {
	case person.AgentID != "" && holder != nil:
		p.fault(person, roster.EmailColumn, "Member %s has the agent ID %s and the e-mail address %s, which cannot be changed to %s: write %s, or delete that member and add it again; for another person, write another agent ID",
			holder.Name, person.AgentID, holder.Spec.Email, person.Email, holder.Spec.Email)
	case p.faultyRow[person.Row]:
		// A name that is derived from a faulty cell may be wrong.
	default:
		p.checkName(person)
	}
	return len(p.plan.Faults) == before && !p.faultyRow[person.Row]
}

// checkName checks the name of the Member that a row would become.
func (p *planner) checkName(person *roster.Person) {
	name, column := person.MemberName(), roster.EmailColumn
	if person.AgentID != "" {
		column = roster.AgentIDColumn
	}
	holder, row := p.existing.byName[name], p.names[name]
	switch {
	case holder != nil:
		p.fault(person, column, "the Member would be named %s, as the Member with the e-mail address %s: if it is the same person, delete that member, because e-mail addresses cannot be changed; if not, write a unique agent ID",
			name, holder.Spec.Email)
	case row != 0:
		p.fault(person, column, "the Member would be named %s, as that of row %d: write a unique agent ID", name, row)
	}
	if row == 0 {
		p.names[name] = person.Row
	}
}

// checkExisting reports whether a row can change the Member with its e-mail address. It records
// faults.
func (p *planner) checkExisting(person *roster.Person, member *v1alpha1.Member) bool {
	before := len(p.plan.Faults)
	holder := p.existing.byAgentID[person.AgentID]
	switch {
	case member.Name == v1alpha1.SuperAdminMemberName:
		p.fault(person, roster.EmailColumn, "%s is the Super Admin's, which ContactCenter.spec.superAdmin describes: remove this row", person.Email)
	case !member.DeletionTimestamp.IsZero():
		p.fault(person, roster.EmailColumn, "Member %s with this e-mail address is being deleted: wait until it is gone, and import again", member.Name)
	case person.AgentID == "" || person.AgentID == member.Spec.AgentID:
	case member.Spec.AgentID != "":
		p.fault(person, roster.AgentIDColumn, "the agent ID of %s is %s and cannot be changed: write %s, or delete Member %s and add it again",
			person.Email, member.Spec.AgentID, member.Spec.AgentID, member.Name)
	case holder != nil:
		p.fault(person, roster.AgentIDColumn, "Member %s (%s) has the agent ID %s: write another one", holder.Name, holder.Spec.Email, person.AgentID)
	}
	return len(p.plan.Faults) == before && !p.faultyRow[person.Row]
}

// checkLicense records a fault if role and license of row and Member together make a Supervisor
// with a Standard license. Reading the sheet finds the fault if both are in the row.
func (p *planner) checkLicense(person *roster.Person, member *v1alpha1.Member) {
	role, license, column := string(member.Spec.Role), string(member.Spec.License), roster.LicenseColumn
	_, hasRole := p.sheet.Has[roster.RoleColumn]
	_, hasLicense := p.sheet.Has[roster.LicenseColumn]
	if hasRole {
		role, column = cmp.Or(person.Role, roster.DeskStaff), roster.RoleColumn
	}
	if hasLicense {
		license, column = person.License, roster.LicenseColumn
	}
	if hasRole == hasLicense || role != roster.Supervisor || license != roster.LicenseStandard {
		return
	}
	remedy := "write Premium, or another role"
	if p.sheet.ControlHub {
		remedy = "write TRUE for Premium, or empty both cells"
	}
	p.fault(person, column, "Member %s would be a Supervisor with a Standard license, and a Supervisor needs Premium: %s", member.Name, remedy)
}

// checkExtension records a fault if a row sets an extension that another Member keeps. member is
// nil for a new row.
func (p *planner) checkExtension(person *roster.Person, member *v1alpha1.Member) {
	holder := p.existing.byExtension[person.Extension]
	if person.Extension == "" || holder == nil || holder == member || member != nil && member.Spec.Extension == person.Extension {
		return
	}
	// If the holder has a row, it sets another extension: no two rows have the same.
	givenUp := p.mode != ModeAdd && p.kept[holder] && holder.Name != v1alpha1.SuperAdminMemberName
	if givenUp || p.deleted[holder] {
		return
	}
	p.fault(person, roster.ExtensionColumn, "Member %s (%s) has the extension %s: write another one, or leave the cell empty",
		holder.Name, holder.Spec.Email, person.Extension)
}

// sortFaults sorts faults by row. Faults of the file come last.
func sortFaults(faults []roster.Fault) {
	slices.SortStableFunc(faults, func(a, b roster.Fault) int {
		if a.Row == 0 || b.Row == 0 {
			return cmp.Compare(b.Row, a.Row)
		}
		return cmp.Compare(a.Row, b.Row)
	})
}
