package main

import (
	"cmp"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// importMode is what an import does with Members that exist already.
type importMode string

const (
	// modeAdd adds new members, and leaves those that exist as they are.
	modeAdd importMode = "add"
	// modeUpsert also changes those that exist.
	modeUpsert importMode = "upsert"
	// modeSync also deletes those that an import made and the sheet lacks.
	modeSync importMode = "sync"
)

// operation is what a step does with its Member.
type operation int

const (
	// operationAdd creates the Member of a new row.
	operationAdd operation = iota + 1
	// operationChange patches the fields of a Member that differ from its row.
	operationChange
	// operationDelete deletes a Member that the sheet lacks.
	operationDelete
)

// importStep is one write.
type importStep struct {
	operation operation
	member    *v1alpha1.Member
	// person is the row that asks for an addition or a change.
	person *roster.Person
	// patch and fields are the patch of a change and the names of the fields in it.
	patch  map[string]any
	fields []string
}

// did says what the step does, once it is done.
func (s *importStep) did() string {
	switch s.operation {
	case operationAdd:
		return "added"
	case operationChange:
		return "changed: " + strings.Join(s.fields, ", ")
	case operationDelete:
		return "deleted"
	default:
		panic(fmt.Sprintf("unknown operation %d", s.operation))
	}
}

// importPlan is what an import writes, and what speaks against it.
type importPlan struct {
	additions, changes, deletions []importStep
	// unchanged counts rows whose Member is as they say, and skipped those whose
	// Member is not, and is left alone.
	unchanged, skipped int
	// manifests are the Members of all rows, in the order of the sheet.
	manifests []*v1alpha1.Member
	// faults are in the order of the rows. Nothing is written if one of them is
	// more than a warning.
	faults []roster.Fault
}

// faulty counts the faults that are more than warnings, with those that are not listed.
func (p *importPlan) faulty() int {
	count := 0
	for _, fault := range p.faults {
		if !fault.Warning {
			count += fault.Count()
		}
	}
	return count
}

// importPlanner makes a plan, row by row.
type importPlanner struct {
	sheet     roster.Sheet
	mode      importMode
	existing  *existingMembers
	plan      importPlan
	faultyRow map[int]bool
	kept      map[*v1alpha1.Member]bool
	deleted   map[*v1alpha1.Member]bool
	names     map[string]int
	unknown   map[roster.Column]*unknownNames
	// teamProblems are the teams that rows name in vain, and teamRows which rows do.
	teamProblems []teamProblem
	teamRows     map[teamProblem]*namingRows
	// hub is how a file of Control Hub is taken, and leftOut counts the new people of
	// it who have no service of a contact centre there.
	hub     controlHubRules
	leftOut int
}

// planImport compares a sheet with a contact centre. It takes the faults that
// reading the sheet has found, so that the plan has all of them.
func planImport(sheet roster.Sheet, found []roster.Fault, mode importMode, hub controlHubRules, existing *existingMembers) importPlan {
	p := &importPlanner{
		sheet: sheet, mode: mode, hub: hub, existing: existing, unknown: map[roster.Column]*unknownNames{}, teamRows: map[teamProblem]*namingRows{},
		faultyRow: map[int]bool{}, kept: map[*v1alpha1.Member]bool{}, deleted: map[*v1alpha1.Member]bool{}, names: map[string]int{},
	}
	for _, fault := range found {
		if fault.SameName {
			// Only here it is known who is a Member already, under whatever name.
			continue
		}
		p.plan.faults = append(p.plan.faults, fault)
		if !fault.Warning {
			p.faultyRow[fault.Row] = true
		}
	}
	p.keep()
	for i := range sheet.People {
		p.row(&sheet.People[i])
	}
	p.warnOfControlHub()
	p.warnOfTeams()
	p.plan.faults = append(p.plan.faults, p.unknownWarnings()...)
	sortFaults(p.plan.faults)
	return p.plan
}

// keep finds the Members that the sheet has, and plans to delete those that a
// sync takes away. It comes first, since what they hold is free then.
func (p *importPlanner) keep() {
	for i := range p.sheet.People {
		if member := p.existing.byEmail[strings.ToLower(p.sheet.People[i].Email)]; member != nil {
			p.kept[member] = true
		}
	}
	if p.mode != modeSync {
		return
	}
	for _, member := range p.existing.members {
		ours := member.Labels[v1alpha1.ImportedByLabel] == v1alpha1.ImportedByValue && member.Name != v1alpha1.SuperAdminMemberName
		if ours && !p.kept[member] && member.DeletionTimestamp.IsZero() {
			p.deleted[member] = true
			p.plan.deletions = append(p.plan.deletions, importStep{operation: operationDelete, member: member})
		}
	}
}

// row plans for one row.
func (p *importPlanner) row(person *roster.Person) {
	if person.Role == roster.SuperAdmin || person.Email == "" {
		// The first has a warning already, the second a fault.
		return
	}
	member := p.existing.byEmail[strings.ToLower(person.Email)]
	if !p.readControlHub(person, member) {
		return
	}
	p.noteUnknown(person)
	p.noteTeams(person, member)
	if member != nil {
		p.existingRow(person, member)
		return
	}
	p.newRow(person)
}

// newRow plans for a row whose e-mail address no Member has.
func (p *importPlanner) newRow(person *roster.Person) {
	if !p.checkNew(person) {
		return
	}
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.existing.namespace, Name: person.MemberName(),
			Labels: map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue},
		},
		Spec: specOf(*person),
	}
	p.plan.additions = append(p.plan.additions, importStep{operation: operationAdd, person: person, member: member})
	p.plan.manifests = append(p.plan.manifests, manifest(member))
}

// existingRow plans for a row whose e-mail address a Member has.
func (p *importPlanner) existingRow(person *roster.Person, member *v1alpha1.Member) {
	if !p.checkExisting(person, member) {
		return
	}
	spec := specOf(*person)
	// Neither can change: what the cluster says is right.
	spec.Email, spec.AgentID = member.Spec.Email, cmp.Or(person.AgentID, member.Spec.AgentID)
	p.plan.manifests = append(p.plan.manifests, manifest(&v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name}, Spec: spec,
	}))
	patch, fields := differences(p.sheet, *person, member.Spec)
	switch {
	case len(fields) == 0:
		p.plan.unchanged++
	case p.mode == modeAdd:
		p.plan.skipped++
		p.warn(person, roster.EmailColumn, "%s is Member %s already and differs from this row in %s: skipped; use --mode upsert to change it",
			person.Email, member.Name, strings.Join(fields, ", "))
	default:
		p.checkExtension(person, member)
		p.checkLicense(person, member)
		p.plan.changes = append(p.plan.changes, importStep{operation: operationChange, person: person, member: member, patch: patch, fields: fields})
	}
}

// fault records what is wrong with a row, in a column.
func (p *importPlanner) fault(person *roster.Person, column roster.Column, format string, arguments ...any) {
	p.plan.faults = append(p.plan.faults, p.at(person, column, fmt.Sprintf(format, arguments...)))
}

// warn records what a person should know of a row.
func (p *importPlanner) warn(person *roster.Person, column roster.Column, format string, arguments ...any) {
	fault := p.at(person, column, fmt.Sprintf(format, arguments...))
	fault.Warning = true
	p.plan.faults = append(p.plan.faults, fault)
}

func (p *importPlanner) at(person *roster.Person, column roster.Column, message string) roster.Fault {
	return roster.Fault{File: p.sheet.File, Row: person.Row, Column: headerOf(p.sheet, column), Message: message}
}

// headerOf is a column's header as the sheet spells it.
func headerOf(sheet roster.Sheet, column roster.Column) string {
	if header := sheet.Has[column]; header != "" {
		return header
	}
	return string(column)
}
