package importplan

import (
	"cmp"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// Mode is what an import does with existing Members.
type Mode string

const (
	// ModeAdd adds new members and leaves existing ones as they are.
	ModeAdd Mode = "add"
	// ModeUpsert also changes existing members.
	ModeUpsert Mode = "upsert"
	// ModeSync also deletes imported members that the sheet lacks.
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

// Did returns what a completed step did.
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

// Plan holds what an import writes, and the faults that prevent it.
type Plan struct {
	Additions, Changes, Deletions []Step
	// Unchanged counts rows that equal their Member. Skipped counts rows that differ from it but
	// may not change it.
	Unchanged, Skipped int
	// Manifests are the Members of all rows, in the order of the sheet.
	Manifests []*v1alpha1.Member
	// Faults are sorted by row. Nothing is written if one of them is more than a warning.
	Faults []roster.Fault
}

// Faulty counts the faults that are more than warnings, including those that are not listed.
func (p *Plan) Faulty() int {
	count := 0
	for _, fault := range p.Faults {
		if !fault.Warning {
			count += fault.Count()
		}
	}
	return count
}

// planner builds a plan, row by row.
type planner struct {
	sheet     roster.Sheet
	mode      Mode
	existing  *Existing
	plan      Plan
	faultyRow map[int]bool
	kept      map[*v1alpha1.Member]bool
	deleted   map[*v1alpha1.Member]bool
	names     map[string]int
	// unknown and teamProblems are warnings that several rows share.
	unknown      occurrences[unknownName]
	teamProblems occurrences[teamProblem]
	// hub holds the options for a file of Control Hub. leftOut counts its new people without a
	// contact center service.
	hub     ControlHubRules
	leftOut int
}

// New compares a sheet with a contact center. found holds the faults from reading the sheet, which
// become part of the plan.
func New(sheet roster.Sheet, found []roster.Fault, mode Mode, hub ControlHubRules, existing *Existing) Plan {
	p := &planner{
		sheet: sheet, mode: mode, hub: hub, existing: existing,
		faultyRow: map[int]bool{}, kept: map[*v1alpha1.Member]bool{}, deleted: map[*v1alpha1.Member]bool{}, names: map[string]int{},
	}
	for _, fault := range found {
		if fault.SameName {
			// The plan checks names again, because existing Members keep theirs.
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
	p.warnOfUnknown()
	sortFaults(p.plan.Faults)
	return p.plan
}

// keep marks the Members that the sheet has, and plans the deletions of a sync. It runs first,
// because deletions free values.
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

// newRow plans a row whose e-mail address no Member has.
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

// existingRow plans a row whose e-mail address a Member has.
func (p *planner) existingRow(person *roster.Person, member *v1alpha1.Member) {
	if !p.checkExisting(person, member) {
		return
	}
	spec := specOf(*person)
	// Neither can change: the Member's values win.
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
		p.warn(person, roster.EmailColumn, "%s is already Member %s, which differs from this row in %s: skipped; to change it, use --mode upsert",
			person.Email, member.Name, strings.Join(fields, ", "))
	default:
		p.checkExtension(person, member)
		p.checkLicense(person, member)
		p.plan.Changes = append(p.plan.Changes, Step{Operation: OperationChange, Person: person, Member: member, Patch: patch, fields: fields})
	}
}

func (p *planner) fault(person *roster.Person, column roster.Column, format string, arguments ...any) {
	p.plan.Faults = append(p.plan.Faults, p.at(person, column, fmt.Sprintf(format, arguments...)))
}

func (p *planner) warn(person *roster.Person, column roster.Column, format string, arguments ...any) {
	fault := p.at(person, column, fmt.Sprintf(format, arguments...))
	fault.Warning = true
	p.plan.Faults = append(p.plan.Faults, fault)
}

func (p *planner) at(person *roster.Person, column roster.Column, message string) roster.Fault {
	return roster.Fault{File: p.sheet.File, Row: person.Row, Column: headerOf(p.sheet, column), Message: message}
}

// headerOf returns a column's header as the sheet spells it.
func headerOf(sheet roster.Sheet, column roster.Column) string {
	if header := sheet.Has[column]; header != "" {
		return header
	}
	return string(column)
}
