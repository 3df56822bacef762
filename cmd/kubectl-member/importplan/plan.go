package importplan

import (
	"cmp"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// Mode is what an import does with Members that exist already.
type Mode string

const (
	// ModeAdd adds new members, and leaves those that exist as they are.
	ModeAdd Mode = "add"
	// ModeUpsert also changes those that exist.
	ModeUpsert Mode = "upsert"
	// ModeSync also deletes those that an import made and the sheet lacks.
	ModeSync Mode = "sync"
)

// Operation is what a step does with its Member.
type Operation int

const (
	// OperationAdd creates the Member of a new row.
	OperationAdd Operation = iota + 1
	// OperationChange patches the fields of a Member that differ from its row.
	OperationChange
	// OperationDelete deletes a Member that the sheet lacks.
	OperationDelete
)

// Step is one write.
type Step struct {
	Operation Operation
	Member    *v1alpha1.Member
	// Person is the row that asks for an addition or a change.
	Person *roster.Person
	// Patch and fields are the patch of a change and the names of the fields in it.
	Patch  map[string]any
	fields []string
}

// Did says what the step does, once it is done.
func (s *Step) Did() string {
	switch s.Operation {
	case OperationAdd:
		return "added"
	case OperationChange:
		return "changed: " + strings.Join(s.fields, ", ")
	case OperationDelete:
		return "deleted"
	default:
		panic(fmt.Sprintf("unknown operation %d", s.Operation))
	}
}

// Plan is what an import writes, and what speaks against it.
type Plan struct {
	Additions, Changes, Deletions []Step
	// Unchanged counts rows whose Member is as they say, and skipped those whose
	// Member is not, and is left alone.
	Unchanged, Skipped int
	// Manifests are the Members of all rows, in the order of the sheet.
	Manifests []*v1alpha1.Member
	// Faults are in the order of the rows. Nothing is written if one of them is
	// more than a warning.
	Faults []roster.Fault
}

// Faulty counts the faults that are more than warnings, with those that are not listed.
func (p *Plan) Faulty() int {
	count := 0
	for _, fault := range p.Faults {
		if !fault.Warning {
			count += fault.Count()
		}
	}
	return count
}

// planner makes a plan, row by row.
type planner struct {
	sheet     roster.Sheet
	mode      Mode
	existing  *Existing
	plan      Plan
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
	hub     ControlHubRules
	leftOut int
}

// New compares a sheet with a contact centre. It takes the faults that
// reading the sheet has found, so that the plan has all of them.
func New(sheet roster.Sheet, found []roster.Fault, mode Mode, hub ControlHubRules, existing *Existing) Plan {
	p := &planner{
		sheet: sheet, mode: mode, hub: hub, existing: existing, unknown: map[roster.Column]*unknownNames{}, teamRows: map[teamProblem]*namingRows{},
		faultyRow: map[int]bool{}, kept: map[*v1alpha1.Member]bool{}, deleted: map[*v1alpha1.Member]bool{}, names: map[string]int{},
	}
	for _, fault := range found {
		if fault.SameName {
			// Only here it is known who is a Member already, under whatever name.
			continue
		}
		p.plan.Faults = append(p.plan.Faults, fault)
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
	p.plan.Faults = append(p.plan.Faults, p.unknownWarnings()...)
	sortFaults(p.plan.Faults)
	return p.plan
}

// keep finds the Members that the sheet has, and plans to delete those that a
// sync takes away. It comes first, since what they hold is free then.
func (p *planner) keep() {
	for i := range p.sheet.People {
		if member := p.existing.byEmail[strings.ToLower(p.sheet.People[i].Email)]; member != nil {
			p.kept[member] = true
		}
	}
	if p.mode != ModeSync {
		return
	}
	for _, member := range p.existing.members {
		ours := member.Labels[v1alpha1.ImportedByLabel] == v1alpha1.ImportedByValue && member.Name != v1alpha1.SuperAdminMemberName
		if ours && !p.kept[member] && member.DeletionTimestamp.IsZero() {
			p.deleted[member] = true
			p.plan.Deletions = append(p.plan.Deletions, Step{Operation: OperationDelete, Member: member})
		}
	}
}

// row plans for one row.
func (p *planner) row(person *roster.Person) {
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
func (p *planner) newRow(person *roster.Person) {
	if !p.checkNew(person) {
		return
	}
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.existing.Namespace, Name: person.MemberName(),
			Labels: map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue},
		},
		Spec: specOf(*person),
	}
	p.plan.Additions = append(p.plan.Additions, Step{Operation: OperationAdd, Person: person, Member: member})
	p.plan.Manifests = append(p.plan.Manifests, Manifest(member))
}

// existingRow plans for a row whose e-mail address a Member has.
func (p *planner) existingRow(person *roster.Person, member *v1alpha1.Member) {
	if !p.checkExisting(person, member) {
		return
	}
	spec := specOf(*person)
	// Neither can change: what the cluster says is right.
	spec.Email, spec.AgentID = member.Spec.Email, cmp.Or(person.AgentID, member.Spec.AgentID)
	p.plan.Manifests = append(p.plan.Manifests, Manifest(&v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name}, Spec: spec,
	}))
	patch, fields := differences(p.sheet, *person, member.Spec)
	switch {
	case len(fields) == 0:
		p.plan.Unchanged++
	case p.mode == ModeAdd:
		p.plan.Skipped++
		p.warn(person, roster.EmailColumn, "%s is Member %s already and differs from this row in %s: skipped; use --mode upsert to change it",
			person.Email, member.Name, strings.Join(fields, ", "))
	default:
		p.checkExtension(person, member)
		p.checkLicense(person, member)
		p.plan.Changes = append(p.plan.Changes, Step{Operation: OperationChange, Person: person, Member: member, Patch: patch, fields: fields})
	}
}

// fault records what is wrong with a row, in a column.
func (p *planner) fault(person *roster.Person, column roster.Column, format string, arguments ...any) {
	p.plan.Faults = append(p.plan.Faults, p.at(person, column, fmt.Sprintf(format, arguments...)))
}

// warn records what a person should know of a row.
func (p *planner) warn(person *roster.Person, column roster.Column, format string, arguments ...any) {
	fault := p.at(person, column, fmt.Sprintf(format, arguments...))
	fault.Warning = true
	p.plan.Faults = append(p.plan.Faults, fault)
}

func (p *planner) at(person *roster.Person, column roster.Column, message string) roster.Fault {
	return roster.Fault{File: p.sheet.File, Row: person.Row, Column: headerOf(p.sheet, column), Message: message}
}

// headerOf is a column's header as the sheet spells it.
func headerOf(sheet roster.Sheet, column roster.Column) string {
	if header := sheet.Has[column]; header != "" {
		return header
	}
	return string(column)
}
