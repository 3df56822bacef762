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

// Write writes a header and one row per person, which Read returns unchanged.
//
// A csv file uses commas and starts with a byte order mark, without which Excel assumes
// another character set. Some cells start with an apostrophe, which Read removes: those
// that a spreadsheet program would take for a formula, or for a number or date that it
// would change (a phone number with its +, an agent ID with a leading zero). In a
// workbook, all cells are text and need no apostrophe.
func Write(w io.Writer, f Format, people []Person) error {
	return WriteColumns(w, f, Columns(), people)
}

// WriteColumns writes as Write does, but only these columns. On import, a missing column
// leaves its field as it is, while an empty cell removes the field.
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

// WriteTemplate writes the header and one example row to replace; Read reports that row as
// a fault. The columns of a workbook have the text format, so that a spreadsheet program
// keeps leading zeros and + signs.
func WriteTemplate(w io.Writer, f Format) error {
	return Write(w, f, []Person{example()})
}

const exampleEmail = "ana@example.com"

// example returns the person in a template.
func example() Person {
	return Person{
		Name: "Ana Pop", Nickname: "Ana", AgentID: "1024", Email: exampleEmail, Role: DeskStaff,
		Phone: "+14155550123", Extension: "1024", Active: new(true),
		SkillGroups: []SkillGroup{{Name: "billing", Priority: 1}, {Name: "sales"}},
		License:     LicensePremium, UserProfile: "premium-agent", DesktopProfile: "agents", Site: "lisbon", Teams: []string{"day-shift", "billing"},
	}
}

// earlierExample returns the person in a template without the columns from license on.
func earlierExample() Person {
	person := example()
	person.License, person.UserProfile, person.DesktopProfile, person.Site, person.Teams = "", "", "", "", nil
	return person
}

// layout describes the rows of a sheet.
type layout struct {
	// titles is the header row.
	titles []string
	// cells returns the cells of a person.
	cells func(person *Person) []string
}

// layoutOf returns the layout of a sheet with these columns.
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

// row returns the protected cells of a person.
func (l layout) row(person *Person, format Format) []string {
	cells := l.cells(person)
	for position, text := range cells {
		cells[position] = protect(text, format)
	}
	return cells
}

// formatBool returns the word for a value, or an empty string if it is nil.
func formatBool(value *bool, ifTrue, ifFalse string) string {
	switch {
	case value == nil:
		return ""
	case *value:
		return ifTrue
	default:
		return ifFalse
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
