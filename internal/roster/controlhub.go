package roster

import (
	"fmt"
	"strings"
)

// The columns of the users file of Webex Control Hub that are read or written, by
// their headers. The column of the e-mail address is EmailColumn once it is found.
const (
	firstNameColumn   Column = "First Name"
	lastNameColumn    Column = "Last Name"
	displayNameColumn Column = "Display Name"
	userIDColumn      Column = "User ID/Email (Required)"
	userStatusColumn  Column = "User Status"
	standardColumn    Column = "Webex Contact Center Standard"
	premiumColumn     Column = "Webex Contact Center Premium"
)

// controlHubHeaderLength is how many characters of a header messages repeat: enough
// to tell the columns of a service apart by their subscriptions.
const controlHubHeaderLength = 80

// controlHubRow is what the cells of a row say that no field of a Person holds as
// it is.
type controlHubRow struct {
	firstName, lastName, displayName string
	standard, premium                serviceCells
}

// serviceCells counts the cells of a service in a row: it may have several
// columns, one for each subscription.
type serviceCells struct {
	yes, no int
}

// says is TRUE if one cell is, and FALSE if all of the service's columns are.
func (s serviceCells) says(columns int) *bool {
	switch {
	case s.yes > 0:
		return new(true)
	case s.no > 0 && s.no == columns:
		return new(false)
	default:
		return nil
	}
}

// isControlHub is whether a header is that of a file of Control Hub: the column of
// the e-mail address, which is the only one that has to be there, has a name that
// nobody else gives it.
func isControlHub(cells []cell) bool {
	for _, cell := range cells {
		if fold(reveal(cell.text)) == fold(string(userIDColumn)) {
			return true
		}
	}
	return false
}

// controlHubColumn is the column with a header of a file of Control Hub; empty if
// it is one of those that are not read. A service's header may go on after its
// name: Webex Contact Center Premium Agent [Sub12345].
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

// readControlHubHeader finds the columns in the header of a file of Control Hub.
// Most of its columns are about other services: they are left out with a warning.
func (r *reader) readControlHubHeader(row int, cells []cell) {
	r.header.controlHub = true
	var others, ours []string
	for position, cell := range cells {
		spelt := excerptHeader(cell.text, controlHubHeaderLength)
		r.header.spelt = append(r.header.spelt, spelt)
		column := controlHubColumn(reveal(cell.text))
		switch column {
		case standardColumn, premiumColumn:
			r.header.services[column]++
			if _, found := r.header.positions[column]; !found {
				r.header.positions[column] = position
			}
		case "":
			if spelt == "" {
				break
			}
			others = append(others, spelt)
			if r.vocabulary.columns[fold(reveal(cell.text))] != "" {
				ours = append(ours, spelt)
			}
		default:
			column = r.takeColumn(column, position)
		}
		r.header.columns = append(r.header.columns, column)
	}
	if !r.options.IgnoreUnknownColumns {
		r.warnOfOtherColumns(row, others, ours)
	}
}

// controlHubHas is the columns that the file has in place of its own.
func (h *header) controlHubHas() map[Column]string {
	has := map[Column]string{}
	for column, sources := range map[Column][]Column{
		EmailColumn:   {EmailColumn},
		NameColumn:    {displayNameColumn, firstNameColumn, lastNameColumn},
		LicenseColumn: {standardColumn, premiumColumn},
	} {
		if position := h.first(sources...); position >= 0 {
			has[column] = h.spelt[position]
		}
	}
	return has
}

// controlHubFields are the fields that only a file of Control Hub has.
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

// partOfName is a column of which a name is made.
func partOfName(title string, of func(*controlHubRow) *string) field {
	return field{title: title, read: func(r *reader, _ *Person, text string) []string {
		*of(&r.controlHub) = text
		return nil
	}}
}

// serviceField is a column of a service.
func serviceField(column Column, of func(*controlHubRow) *serviceCells) field {
	return field{title: string(column), read: func(r *reader, _ *Person, text string) []string {
		switch strings.ToUpper(text) {
		case "TRUE":
			of(&r.controlHub).yes++
		case "FALSE":
			of(&r.controlHub).no++
		default:
			return []string{fmt.Sprintf("%s does not say whether the person has the service: write TRUE or FALSE, or leave the cell empty, which leaves it as it is", excerpt(text))}
		}
		return nil
	}}
}

// finishControlHub makes the name and the licence of what the cells say.
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
			Standard: row.standard.says(r.header.services[standardColumn]),
			Premium:  row.premium.says(r.header.services[premiumColumn]),
		}
		person.License = person.Services.License(AddRemoveServices, "")
	}
}
