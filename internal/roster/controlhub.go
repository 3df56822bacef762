package roster

import (
	"fmt"
	"strings"
)

// The columns of a Webex Control Hub users file that Read or WriteControlHub uses, by
// header. Once found, the column of the e-mail address is EmailColumn.
const (
	firstNameColumn   Column = "First Name"
	lastNameColumn    Column = "Last Name"
	displayNameColumn Column = "Display Name"
	userIDColumn      Column = "User ID/Email (Required)"
	userStatusColumn  Column = "User Status"
	standardColumn    Column = "Webex Contact Center Standard"
	premiumColumn     Column = "Webex Contact Center Premium"
)

// controlHubHeaderLength is the number of header characters that messages repeat: enough
// to distinguish the columns of a service by their subscriptions.
const controlHubHeaderLength = 80

// controlHubRow holds the cells of a row that have no Person field of their own.
type controlHubRow struct {
	firstName, lastName, displayName string
	standard, premium                serviceCells
}

// serviceCells counts the cells of a service in a row. A service may have several
// columns, one per subscription.
type serviceCells struct {
	trueCells, falseCells int
}

// value returns true if any cell is TRUE, and false if the cells of all the service's
// columns are FALSE.
func (s serviceCells) value(columns int) *bool {
	switch {
	case s.trueCells > 0:
		return new(true)
	case s.falseCells > 0 && s.falseCells == columns:
		return new(false)
	default:
		return nil
	}
}

// isControlHub reports whether a header is that of a Control Hub file. Only the column of
// the e-mail address is required, and its name is unique to Control Hub.
func isControlHub(cells []cell) bool {
	for _, cell := range cells {
		if fold(reveal(cell.text)) == fold(string(userIDColumn)) {
			return true
		}
	}
	return false
}

// controlHubColumn returns the column with a Control Hub header, or an empty string if
// that column is not read. A service's header may continue after its name: Webex Contact
// Center Premium Agent [Sub12345].
func controlHubColumn(header string) Column {
	folded := fold(header)
	for _, service := range []Column{standardColumn, premiumColumn} {
		if strings.HasPrefix(folded, fold(string(service))) {
			return service
		}
	}
	for _, column := range []Column{firstNameColumn, lastNameColumn, displayNameColumn, userStatusColumn} {
		if folded == fold(string(column)) {
			return column
		}
	}
	if folded == fold(string(userIDColumn)) {
		return EmailColumn
	}
	return ""
}

// readControlHubHeader finds the columns in the header of a Control Hub file. Most of the
// columns belong to other services: they are skipped with a warning.
func (r *reader) readControlHubHeader(row int, cells []cell) {
	r.header.controlHub = true
	var others, known []string
	for position, cell := range cells {
		spelled := excerptHeader(cell.text, controlHubHeaderLength)
		r.header.spelled = append(r.header.spelled, spelled)
		column := controlHubColumn(reveal(cell.text))
		switch column {
		case standardColumn, premiumColumn:
			r.header.services[column]++
			if _, found := r.header.positions[column]; !found {
				r.header.positions[column] = position
			}
		case "":
			if spelled == "" {
				break
			}
			others = append(others, spelled)
			if r.vocabulary.columns[fold(reveal(cell.text))] != "" {
				known = append(known, spelled)
			}
		default:
			column = r.takeColumn(column, position)
		}
		r.header.columns = append(r.header.columns, column)
	}
	if !r.options.IgnoreUnknownColumns {
		r.warnOfOtherColumns(row, others, known)
	}
}

// controlHubHas returns the columns that a Control Hub file provides.
func (h *header) controlHubHas() map[Column]string {
	has := map[Column]string{}
	for column, sources := range map[Column][]Column{
		EmailColumn:   {EmailColumn},
		NameColumn:    {displayNameColumn, firstNameColumn, lastNameColumn},
		LicenseColumn: {standardColumn, premiumColumn},
	} {
		if position := h.first(sources...); position >= 0 {
			has[column] = h.spelled[position]
		}
	}
	return has
}

// controlHubFields returns the fields that only a Control Hub file has.
func controlHubFields() map[Column]field {
	return map[Column]field{
		firstNameColumn:   partOfName("First Name", func(row *controlHubRow) *string { return &row.firstName }),
		lastNameColumn:    partOfName("Last Name", func(row *controlHubRow) *string { return &row.lastName }),
		displayNameColumn: partOfName("Display Name", func(row *controlHubRow) *string { return &row.displayName }),
		userStatusColumn: {title: string(userStatusColumn), read: func(_ *reader, person *Person, text string) []string {
			person.InactiveInControlHub = fold(text) == "inactive"
			return nil
		}},
		standardColumn: serviceField(standardColumn, func(row *controlHubRow) *serviceCells { return &row.standard }),
		premiumColumn:  serviceField(premiumColumn, func(row *controlHubRow) *serviceCells { return &row.premium }),
	}
}

// partOfName returns the field of a column that is part of the name.
func partOfName(title string, cellOf func(*controlHubRow) *string) field {
	return field{title: title, read: func(r *reader, _ *Person, text string) []string {
		*cellOf(&r.controlHub) = text
		return nil
	}}
}

// serviceField returns the field of a service column.
func serviceField(column Column, cellsOf func(*controlHubRow) *serviceCells) field {
	return field{title: string(column), read: func(r *reader, _ *Person, text string) []string {
		switch strings.ToUpper(text) {
		case "TRUE":
			cellsOf(&r.controlHub).trueCells++
		case "FALSE":
			cellsOf(&r.controlHub).falseCells++
		default:
			return []string{fmt.Sprintf("%s does not say whether the person has the service: write TRUE or FALSE, or leave the cell empty to keep the service as it is", excerpt(text))}
		}
		return nil
	}}
}

// finishControlHub sets the name and the license from the collected cells.
func (r *reader) finishControlHub(person *Person) {
	row := r.controlHub
	r.controlHub = controlHubRow{}
	name, position := row.displayName, r.header.first(displayNameColumn)
	if name == "" {
		name, position = trim(row.firstName+" "+row.lastName), r.header.first(firstNameColumn, lastNameColumn)
	}
	if problem := checkText("name", name, maxName); problem != "" {
		r.fault(person.Row, NameColumn, position, problem)
	} else {
		person.Name = name
	}
	if len(r.header.services) > 0 {
		person.Services = &Services{
			Standard: row.standard.value(r.header.services[standardColumn]),
			Premium:  row.premium.value(r.header.services[premiumColumn]),
		}
		person.License = person.Services.License(AddRemoveServices, "")
	}
}
