package roster

import (
	"fmt"
	"slices"
	"strings"
)

// objectKind describes the kind of object that a cell names, for faults.
type objectKind struct {
	// what is the kind in prose, plural is its resource, and example is an object name.
	what, plural, example string
}

var (
	userProfileKind    = objectKind{what: "user profile", plural: "userprofiles", example: "standard-agent"}
	desktopProfileKind = objectKind{what: "desktop profile", plural: "desktopprofiles", example: "agents"}
	siteKind           = objectKind{what: "site", plural: "sites", example: "lisbon"}
	teamKind           = objectKind{what: "team", plural: "teams", example: "day-shift"}
)

// CheckObjectName returns the problem of an object name in the column of user profiles,
// desktop profiles, sites, or teams, with a correction. It returns an empty string if
// there is none, and for all other columns.
func CheckObjectName(column Column, name string) string {
	kind, known := map[Column]objectKind{
		UserProfileColumn: userProfileKind, DesktopProfileColumn: desktopProfileKind, SiteColumn: siteKind, TeamsColumn: teamKind,
	}[column]
	if !known {
		return ""
	}
	return checkName(kind, name)
}

// checkName returns the problem of the name of an object of a kind, or an empty string.
func checkName(kind objectKind, name string) string {
	switch {
	case len(name) > maxObjectName:
		return fmt.Sprintf("the name of the %s %s has more than %d characters: write its name as kubectl get %s shows it", kind.what, excerpt(name), maxObjectName, kind.plural)
	case objectNamePattern.MatchString(name):
		return ""
	}
	if likely := strings.ToLower(strings.Join(strings.Fields(name), "-")); objectNamePattern.MatchString(likely) {
		return fmt.Sprintf("the name of the %s %s has uppercase letters or spaces: write %s, if that is its name in kubectl get %s", kind.what, excerpt(name), likely, kind.plural)
	}
	return fmt.Sprintf("%s is not the name of a %s: write a name of lowercase letters, digits, - and ., for example %s", excerpt(name), kind.what, kind.example)
}

// readTeams parses a cell such as "day-shift; billing".
func readTeams(_ *reader, person *Person, text string) (problems []string) {
	var teams []string
	for _, name := range splitNames(text) {
		problem := checkName(teamKind, name)
		if problem == "" && slices.Contains(teams, name) {
			problem = fmt.Sprintf("the team %s is listed twice: list it once", excerpt(name))
		}
		if problem != "" {
			problems = append(problems, problem)
		} else {
			teams = append(teams, name)
		}
		if len(problems) > maxTeams || len(teams) > maxTeams {
			return append(problems, fmt.Sprintf("there are more than %d teams: list at most %d", maxTeams, maxTeams))
		}
	}
	person.Teams = teams
	return problems
}

// readLicense parses a cell such as Premium.
func readLicense(r *reader, person *Person, text string) []string {
	license, known := r.vocabulary.licenses[fold(text)]
	if !known {
		return []string{fmt.Sprintf("the license %s is not known: write %s, %s or %s (标准版, 高级版, 无)", excerpt(text), LicenseStandard, LicensePremium, LicenseNone)}
	}
	person.License = license
	return nil
}

// checkLicense records a license that is not valid for the person's role.
func (r *reader) checkLicense(person *Person) {
	if person.Role == Supervisor && person.License == LicenseStandard {
		position, _ := r.header.place(LicenseColumn)
		r.fault(person.Row, LicenseColumn, position, "a Supervisor needs a Premium license: write Premium, or leave the cell empty so that a MemberTemplate can assign one")
	}
}
