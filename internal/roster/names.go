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

// objectKinds are the kinds of objects by the column that names them.
var objectKinds = map[Column]objectKind{
	UserProfileColumn:    {what: "user profile", plural: "userprofiles", example: "standard-agent"},
	DesktopProfileColumn: {what: "desktop profile", plural: "desktopprofiles", example: "agents"},
	SiteColumn:           {what: "site", plural: "sites", example: "lisbon"},
	TeamsColumn:          {what: "team", plural: "teams", example: "day-shift"},
}

// CheckObjectName returns the problem of an object name in the column of user profiles,
// desktop profiles, sites, or teams, with a correction. It returns an empty string if
// there is none, and for all other columns.
func CheckObjectName(column Column, name string) string {
	kind, known := objectKinds[column]
	switch {
	case !known:
		return ""
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
func readTeams(person *Person, text string) (problems []string) {
	var teams []string
	for _, name := range splitNames(text) {
		problem := CheckObjectName(TeamsColumn, name)
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

// nameSeparators separate the skill groups or teams in a cell.
const nameSeparators = ";；,，、\n"

// prioritySeparators separate a skill group from its priority.
const prioritySeparators = ":："

// splitNames splits a cell at the separators and drops empty parts.
func splitNames(cell string) []string {
	parts := strings.FieldsFunc(narrow(cell), func(char rune) bool { return strings.ContainsRune(nameSeparators, char) })
	for index, part := range parts {
		parts[index] = trim(part)
	}
	return slices.DeleteFunc(parts, func(part string) bool { return part == "" })
}

// readSkillGroups parses a cell such as "billing:1; sales".
func readSkillGroups(person *Person, text string) (problems []string) {
	var groups []SkillGroup
	seen := map[string]bool{}
	for _, part := range splitNames(text) {
		group, problem := parseSkillGroup(part)
		if problem == "" && seen[group.Name] {
			problem = fmt.Sprintf("the skill group %s is listed twice: list it once", excerpt(group.Name))
		}
		if problem != "" {
			problems = append(problems, problem)
			if len(problems) > maxSkillGroups {
				return problems
			}
			continue
		}
		seen[group.Name] = true
		groups = append(groups, group)
	}
	if len(groups) > maxSkillGroups {
		return append(problems, fmt.Sprintf("there are %d skill groups: list at most %d, and add the person to more groups in the SkillGroups", len(groups), maxSkillGroups))
	}
	person.SkillGroups = groups
	return problems
}

func parseSkillGroup(part string) (SkillGroup, string) {
	group := SkillGroup{Name: part}
	if at := strings.IndexAny(part, prioritySeparators); at >= 0 {
		group.Name = trim(part[:at])
		priority := trim(strings.TrimLeft(part[at:], prioritySeparators))
		if len(priority) != 1 || priority[0] < '0'+minPriority || priority[0] > '0'+maxPriority {
			return group, fmt.Sprintf("the skill group %s has the priority %s: write %d (first) to %d, as in billing:%d", excerpt(group.Name), excerpt(priority), minPriority, maxPriority, minPriority)
		}
		group.Priority = int32(priority[0] - '0')
	}
	switch {
	case len(group.Name) > maxSkillGroupName:
		return group, fmt.Sprintf("the name of the skill group %s has more than %d characters: write its name as kubectl get skillgroups shows it", excerpt(group.Name), maxSkillGroupName)
	case objectNamePattern.MatchString(group.Name):
		return group, ""
	case objectNamePattern.MatchString(strings.ToLower(group.Name)):
		return group, fmt.Sprintf("the name of the skill group %s has uppercase letters: write %s", excerpt(group.Name), strings.ToLower(group.Name))
	default:
		return group, fmt.Sprintf("%s is not the name of a skill group: write names of lowercase letters, digits, - and ., with ; between them, for example billing:1; sales", excerpt(part))
	}
}

// formatSkillGroups returns a cell that readSkillGroups can parse.
func formatSkillGroups(groups []SkillGroup) string {
	var parts []string
	for _, group := range groups {
		part := group.Name
		if group.Priority != 0 {
			part = fmt.Sprintf("%s:%d", group.Name, group.Priority)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
