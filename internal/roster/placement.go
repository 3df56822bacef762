package roster

import (
	"fmt"
	"slices"
	"strings"
)

// objectKind is what faults call an object that a cell names.
type objectKind struct {
	// what is the kind in prose, plural is its resource, and example is a name.
	what, plural, example string
}

var (
	userProfileName    = objectKind{what: "user profile", plural: "userprofiles", example: "standard-agent"}
	desktopProfileName = objectKind{what: "desktop profile", plural: "desktopprofiles", example: "agents"}
	siteName           = objectKind{what: "site", plural: "sites", example: "lisbon"}
	teamName           = objectKind{what: "team", plural: "teams", example: "day-shift"}
)

// CheckObjectName says what is wrong with the name of a user profile, a desktop profile,
// a site or a team, by the column that it would stand in, and what to write instead;
// empty if nothing is, and for every other column.
func CheckObjectName(column Column, name string) string {
	kinds := map[Column]objectKind{
		UserProfileColumn: userProfileName, DesktopProfileColumn: desktopProfileName, SiteColumn: siteName, TeamsColumn: teamName,
	}
	kind, known := kinds[column]
	if !known {
		return ""
	}
	return checkObjectName(kind, name)
}

// checkObjectName says what is wrong with the name of a profile, a site or a team.
func checkObjectName(kind objectKind, name string) string {
	switch {
	case len(name) > maxObjectName:
		return fmt.Sprintf("the name of the %s %s has more than %d characters: write its name as kubectl get %s shows it", kind.what, excerpt(name), maxObjectName, kind.plural)
	case objectNamePattern.MatchString(name):
		return ""
	}
	if likely := strings.ToLower(strings.Join(strings.Fields(name), "-")); objectNamePattern.MatchString(likely) {
		return fmt.Sprintf("the name of the %s %s has capital letters or spaces: write %s, if that is its name in kubectl get %s", kind.what, excerpt(name), likely, kind.plural)
	}
	return fmt.Sprintf("%s is not the name of a %s: write a name of small letters, digits, - and ., for example %s", excerpt(name), kind.what, kind.example)
}

// readTeams reads a cell such as "day-shift; billing", with the separators of
// skill groups.
func readTeams(_ *reader, person *Person, text string) (problems []string) {
	var teams []string
	parts := strings.FieldsFunc(narrow(text), func(sign rune) bool { return strings.ContainsRune(groupSeparators, sign) })
	for _, part := range parts {
		name := trim(part)
		if name == "" {
			continue
		}
		problem := checkObjectName(teamName, name)
		if problem == "" && slices.Contains(teams, name) {
			problem = fmt.Sprintf("the team %s is there twice: name it once", excerpt(name))
		}
		if problem != "" {
			problems = append(problems, problem)
		} else {
			teams = append(teams, name)
		}
		if len(problems) > maxTeams || len(teams) > maxTeams {
			return append(problems, fmt.Sprintf("there are more than %d teams: name at most %d", maxTeams, maxTeams))
		}
	}
	person.Teams = teams
	return problems
}

// readLicense reads a cell such as Premium.
func readLicense(r *reader, person *Person, text string) []string {
	license, known := r.vocabulary.licenses[fold(text)]
	if !known {
		return []string{fmt.Sprintf("the licence %s is not known: write %s, %s or %s (标准版, 高级版, 无)", excerpt(text), LicenseStandard, LicensePremium, LicenseNone)}
	}
	person.License = license
	return nil
}

// checkLicense finds a licence that the person's role cannot have.
func (r *reader) checkLicense(person *Person) {
	if person.Role == Supervisor && person.License == LicenseStandard {
		position, _ := r.header.place(LicenseColumn)
		r.fault(person.Row, LicenseColumn, position, "a Supervisor needs a Premium licence: write Premium, or leave the cell empty, so that a MemberTemplate can give one")
	}
}
