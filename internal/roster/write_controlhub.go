package roster

import (
	"io"
	"strings"
)

// WriteControlHub writes a csv file that Webex Control Hub takes for a list of its
// users, and that Read gives back as far as it goes: name, e-mail address and
// licence. The first and the last name are what is before and after the first
// space in the name; a name without a space is the first name. User Status is
// Inactive where Active is false, or as it was read; it is read-only there. The cells of the services
// are the person's Services, or else ServicesOf the licence. The file is protected
// as the csv file of Write is.
func WriteControlHub(w io.Writer, people []Person) error {
	return writeCSV(w, layout{
		titles: []string{
			string(firstNameColumn), string(lastNameColumn), string(displayNameColumn), string(userIDColumn),
			string(userStatusColumn), string(standardColumn), string(premiumColumn),
		},
		cells: controlHubCells,
	}, people)
}

// controlHubCells are the cells of a person in a file of Control Hub.
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
	return []string{first, trim(last), person.Name, person.Email, status, formatService(services.Standard), formatService(services.Premium)}
}

// formatService is a cell of a service.
func formatService(service *bool) string {
	switch {
	case isTrue(service):
		return "TRUE"
	case isFalse(service):
		return "FALSE"
	default:
		return ""
	}
}
