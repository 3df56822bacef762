package roster

import (
	"encoding/csv"
	"fmt"
	"io"
)

// Format is a file format.
type Format string

// The formats.
const (
	// CSV is comma-separated values (RFC 4180) in UTF-8.
	CSV Format = "csv"
	// XLSX is an Office Open XML workbook (ISO/IEC 29500).
	XLSX Format = "xlsx"
)

// Write writes a header and one row a person, which Read gives back as they are.
//
// A csv file has commas, and begins with a byte order mark, without which Excel
// takes it for another character set. A cell that a spreadsheet program would take
// for a formula, or for a number or a date that it writes in another way (a phone
// number with its +, an agent ID with a leading zero), begins with an apostrophe,
// which Read removes. In a workbook all cells are text, and need none.
func Write(w io.Writer, f Format, people []Person) error {
	return WriteColumns(w, f, Columns(), people)
}

// WriteColumns writes as Write does, with these columns alone: a sheet without a
// column leaves a field as it is, where an empty cell removes it.
func WriteColumns(w io.Writer, f Format, columns []Column, people []Person) error {
	switch f {
	case CSV:
		return writeCSV(w, layoutOf(columns), people)
	case XLSX:
		return writeWorkbook(w, layoutOf(columns), people)
	default:
		return fmt.Errorf("the format %q is not known: choose %s or %s", string(f), CSV, XLSX)
	}
}

// WriteTemplate writes the header and one example row, to be replaced: Read takes
// it for a fault. In a workbook, the columns are set to text, so that a spreadsheet program keeps
// leading zeros and the + of what is typed there.
func WriteTemplate(w io.Writer, f Format) error {
	return Write(w, f, []Person{example()})
}

// example is the person in a template.
func example() Person {
	return Person{
		Name: "Ana Pop", Nickname: "Ana", AgentID: "1024", Email: "ana@example.com", Role: DeskStaff,
		Phone: "+14155550123", Extension: "1024", Active: new(true),
		SkillGroups: []SkillGroup{{Name: "billing", Priority: 1}, {Name: "sales"}},
		License:     LicensePremium, UserProfile: "premium-agent", DesktopProfile: "agents", Site: "lisbon", Teams: []string{"day-shift", "billing"},
	}
}

// earlierExample is the person in a template without the columns from license on.
func earlierExample() Person {
	person := example()
	person.License, person.UserProfile, person.DesktopProfile, person.Site, person.Teams = "", "", "", "", nil
	return person
}

// layout is what the rows of a sheet are made of.
type layout struct {
	// titles are the header.
	titles []string
	// cells are the cells of a person.
	cells func(person *Person) []string
}

// layoutOf is the layout of a sheet with these columns.
func layoutOf(columns []Column) layout {
	known := fields()
	return layout{
		titles: titles(columns),
		cells: func(person *Person) []string {
			var cells []string
			for _, column := range columns {
				cells = append(cells, known[column].text(person))
			}
			return cells
		},
	}
}

// row are the cells of a person, protected.
func (l layout) row(person *Person, format Format) []string {
	cells := l.cells(person)
	for position, text := range cells {
		cells[position] = protect(text, format)
	}
	return cells
}

// formatActive is yes or no rather than true or false, which spreadsheet programs
// translate.
func formatActive(active *bool) string {
	switch {
	case active == nil:
		return ""
	case *active:
		return "yes"
	default:
		return "no"
	}
}

func writeCSV(w io.Writer, sheet layout, people []Person) error {
	if _, err := io.WriteString(w, utf8Mark); err != nil {
		return fmt.Errorf("writing the sheet: %w", err)
	}
	rows := csv.NewWriter(w)
	err := rows.Write(sheet.titles)
	for index := range people {
		if err == nil {
			err = rows.Write(sheet.row(&people[index], CSV))
		}
	}
	rows.Flush()
	if err == nil {
		err = rows.Error()
	}
	if err != nil {
		return fmt.Errorf("writing the sheet: %w", err)
	}
	return nil
}
