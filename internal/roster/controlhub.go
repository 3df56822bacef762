package roster

import (
	"fmt"
	"io"
	"slices"
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

// controlHubColumns returns the columns in the order in which WriteControlHub writes them.
func controlHubColumns() []Column {
	return []Column{firstNameColumn, lastNameColumn, displayNameColumn, userIDColumn, userStatusColumn, standardColumn, premiumColumn}
}

// isService reports whether a column is that of a contact center service. A file may have
// several columns of a service, one per subscription.
func isService(column Column) bool { return column == standardColumn || column == premiumColumn }

// controlHubColumn returns the column with a folded Control Hub header, or an empty string
// if that column is not read. A service's header may continue after its name: Webex Contact
// Center Premium Agent [Sub12345].
func controlHubColumn(header string) Column {
	for _, column := range controlHubColumns() {
		if name := fold(string(column)); header == name || isService(column) && strings.HasPrefix(header, name) {
			if column == userIDColumn {
				return EmailColumn
			}
			return column
		}
	}
	return ""
}

// isControlHubEmail reports whether a cell is the header of the e-mail address in a Control
// Hub file. Only that column is required, and its name is unique to Control Hub.
func isControlHubEmail(header cell) bool {
	return controlHubColumn(fold(reveal(header.text))) == EmailColumn
}

// controlHubRow holds the cells of the columns that have no Person field of their own.
type controlHubRow map[Column][]string

// read records the text of a cell.
func (c controlHubRow) read(column Column, text string) (problems []string) {
	value := text
	if isService(column) {
		value = strings.ToUpper(text)
		if value != "TRUE" && value != "FALSE" {
			return []string{fmt.Sprintf("%s does not say whether the person has the service: write TRUE or FALSE, or leave the cell empty to keep the service as it is", excerpt(text))}
		}
	}
	c[column] = append(c[column], value)
	return nil
}

// service returns true if any cell of a service is TRUE, and false if the cells of all its
// columns are FALSE.
func (c controlHubRow) service(column Column, columns int) *bool {
	switch cells := c[column]; {
	case slices.Contains(cells, "TRUE"):
		return new(true)
	case len(cells) > 0 && len(cells) == columns:
		return new(false)
	default:
		return nil
	}
}

// finishControlHub sets the name, the status, and the license from the collected cells.
func (r *reader) finishControlHub(person *Person) {
	row := r.controlHub
	name, position := strings.Join(row[displayNameColumn], ""), r.header.first(displayNameColumn)
	if name == "" {
		name = trim(strings.Join(slices.Concat(row[firstNameColumn], row[lastNameColumn]), " "))
		position = r.header.first(firstNameColumn, lastNameColumn)
	}
	if problem := checkText("name", name, maxName); problem != "" {
		r.faults.add(r.header.atPosition(person.Row, position), "%s", problem)
	} else {
		person.Name = name
	}
	person.InactiveInControlHub = fold(strings.Join(row[userStatusColumn], "")) == "inactive"
	if services := r.header.services; len(services) > 0 {
		person.Services = &Services{
			Standard: row.service(standardColumn, services[standardColumn]),
			Premium:  row.service(premiumColumn, services[premiumColumn]),
		}
		person.License = person.Services.License(AddRemoveServices, "")
	}
	clear(row)
}

// WriteControlHub writes a csv file that Webex Control Hub accepts as a list of its users.
// Read returns the name, e-mail address, and license from it. The first space in the name
// separates the first name from the last name; a name without a space is the first name.
// User Status is Inactive if Active is false, or if it was read so; the column is read-only
// in Control Hub. The service cells are the person's Services or, if those are nil, the
// ServicesOf the license. Cells are protected as in the csv files of Write.
func WriteControlHub(w io.Writer, people []Person) error {
	return writeCSV(w, titles(controlHubColumns()), people, controlHubCells)
}

// controlHubCells returns the cells of a person in a Control Hub file.
func controlHubCells(person *Person) []string {
	first, last, _ := strings.Cut(trim(person.Name), " ")
	status := "Active"
	if isFalse(person.Active) || person.InactiveInControlHub {
		status = "Inactive"
	}
	services := ServicesOf(person.License)
	if person.Services != nil {
		services = *person.Services
	}
	return []string{first, trim(last), person.Name, person.Email, status, formatBool(services.Standard, "TRUE", "FALSE"), formatBool(services.Premium, "TRUE", "FALSE")}
}

// Services holds a person's two services in a Control Hub file: true for TRUE, false for
// FALSE, and nil for an empty cell. A service with several columns, one per subscription,
// is true if any of them is TRUE, and false only if all are FALSE.
type Services struct {
	// Standard is the service Webex Contact Center Standard.
	Standard *bool
	// Premium is the service Webex Contact Center Premium.
	Premium *bool
}

// ServicesMode is the effect of FALSE in an import.
type ServicesMode string

const (
	// AddServices means that TRUE adds a service and FALSE changes nothing.
	AddServices ServicesMode = "add"
	// AddRemoveServices means that TRUE adds a service and FALSE removes it.
	AddRemoveServices ServicesMode = "add-remove"
)

// ServicesOf returns the cells to write for a license: both empty if it is empty, both
// FALSE for None, and TRUE for its own service alone if it is Standard or Premium.
func ServicesOf(license string) Services {
	switch license {
	case LicenseNone, LicenseStandard, LicensePremium:
		return Services{Standard: new(license == LicenseStandard), Premium: new(license == LicensePremium)}
	default:
		return Services{}
	}
}

// License returns the license (Standard, Premium, None, or empty) that a Member's spec
// requests after an import. Held is the license that the spec or a MemberTemplate
// requests before; it is empty for a new Member.
//
//   - If Premium is TRUE: Premium, even if Standard is TRUE too, because a member holds
//     one license and the better one counts.
//   - If only Standard is TRUE: Standard. But Premium is kept if it is held, unless the
//     mode is AddRemoveServices and Premium is FALSE.
//   - If neither is TRUE: with AddServices, the held license. With AddRemoveServices,
//     None if both are FALSE or the held service is; otherwise the held license. The
//     result is None instead of empty because a MemberTemplate could assign again what
//     the file removed.
func (s Services) License(mode ServicesMode, held string) string {
	removes := mode == AddRemoveServices
	switch {
	case isTrue(s.Premium):
		return LicensePremium
	case isTrue(s.Standard) && held == LicensePremium && (!removes || !isFalse(s.Premium)):
		return LicensePremium
	case isTrue(s.Standard):
		return LicenseStandard
	case removes && s.areDenied(held):
		return LicenseNone
	default:
		return held
	}
}

// areDenied reports whether the held service is FALSE, or both if none is held.
func (s Services) areDenied(held string) bool {
	switch held {
	case LicenseStandard:
		return isFalse(s.Standard)
	case LicensePremium:
		return isFalse(s.Premium)
	default:
		return isFalse(s.Standard) && isFalse(s.Premium)
	}
}

// AreNone reports whether a service is FALSE and none is TRUE: the file covers contact
// center services, and the person has none.
func (s Services) AreNone() bool {
	return !isTrue(s.Standard) && !isTrue(s.Premium) && (isFalse(s.Standard) || isFalse(s.Premium))
}

func isTrue(service *bool) bool { return service != nil && *service }

func isFalse(service *bool) bool { return service != nil && !*service }
