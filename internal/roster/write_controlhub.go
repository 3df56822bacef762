package roster

import (
	"io"
	"strings"
)

// WriteControlHub writes a csv file that Webex Control Hub accepts as a list of its users.
// Read returns the name, e-mail address, and license from it. The first space in the name
// separates the first name from the last name; a name without a space is the first name.
// User Status is Inactive if Active is false, or if it was read so; the column is read-only
// in Control Hub. The service cells are the person's Services or, if those are nil, the
// ServicesOf the license. Cells are protected as in the csv files of Write.
func WriteControlHub(w io.Writer, people []Person) error {
	return writeCSV(w, layout{
		titles: []string{
			string(firstNameColumn), string(lastNameColumn), string(displayNameColumn), string(userIDColumn),
			string(userStatusColumn), string(standardColumn), string(premiumColumn),
		},
		cells: controlHubCells,
	}, people)
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
