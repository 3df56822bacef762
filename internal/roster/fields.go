package roster

import (
	"fmt"
	"strings"
)

// field reads and writes the cells of a column.
type field struct {
	// title is the header that Write writes for the column.
	title string
	// read parses the text of a cell that is not empty and sets the person's field. If
	// it returns problems, the field stays empty.
	read func(person *Person, text string) (problems []string)
	// text returns the content of the cell; it is empty if the person's field is.
	text func(person *Person) string
}

// fields has the field of each column.
var fields = map[Column]field{
	NameColumn:        plainField("Name", func(p *Person) *string { return &p.Name }, func(text string) string { return checkText("name", text, maxName) }),
	NicknameColumn:    plainField("Nickname", func(p *Person) *string { return &p.Nickname }, func(text string) string { return checkText("nickname", text, maxNickname) }),
	AgentIDColumn:     narrowField("Agent ID", func(p *Person) *string { return &p.AgentID }, checkAgentID),
	EmailColumn:       narrowField("E-mail", func(p *Person) *string { return &p.Email }, checkEmail),
	PhoneColumn:       narrowField("Phone", func(p *Person) *string { return &p.Phone }, checkPhone),
	ExtensionColumn:   narrowField("Extension", func(p *Person) *string { return &p.Extension }, checkExtension),
	SkillGroupsColumn: {title: "Skill groups", read: readSkillGroups, text: func(p *Person) string { return formatSkillGroups(p.SkillGroups) }},
	RoleColumn: {
		title: "Role",
		read: readWord(roleWords, func(p *Person, role string) { p.Role = role },
			"the role %s is not known: write DeskAdmin, Supervisor or DeskStaff (管理员, 主管, 坐席)"),
		text: func(p *Person) string { return p.Role },
	},
	// Spreadsheet programs translate true and false, but not yes and no.
	ActiveColumn: {
		title: "Active",
		read: readWord(activeWords, func(p *Person, active bool) { p.Active = &active },
			"%s does not say whether the person is active: write yes or no (是, 否)"),
		text: func(p *Person) string { return formatBool(p.Active, "yes", "no") },
	},
	LicenseColumn: {
		title: "License",
		read: readWord(licenseWords, func(p *Person, license string) { p.License = license },
			"the license %s is not known: write Standard, Premium or None (标准版, 高级版, 无)"),
		text: func(p *Person) string { return p.License },
	},
	UserProfileColumn:    nameField("User profile", UserProfileColumn, func(p *Person) *string { return &p.UserProfile }),
	DesktopProfileColumn: nameField("Desktop profile", DesktopProfileColumn, func(p *Person) *string { return &p.DesktopProfile }),
	SiteColumn:           nameField("Site", SiteColumn, func(p *Person) *string { return &p.Site }),
	TeamsColumn:          {title: "Teams", read: readTeams, text: func(p *Person) string { return strings.Join(p.Teams, "; ") }},
}

// plainField returns a field that holds a string.
func plainField(title string, fieldOf func(*Person) *string, check func(string) string) field {
	return field{
		title: title,
		read: func(person *Person, text string) []string {
			if problem := check(text); problem != "" {
				return []string{problem}
			}
			*fieldOf(person) = text
			return nil
		},
		text: func(person *Person) string { return *fieldOf(person) },
	}
}

// narrowField returns a field that holds a string without full-width characters.
func narrowField(title string, fieldOf func(*Person) *string, check func(string) string) field {
	narrowed := plainField(title, fieldOf, check)
	read := narrowed.read
	narrowed.read = func(person *Person, text string) []string { return read(person, narrow(text)) }
	return narrowed
}

// nameField returns a field that holds the name of an object.
func nameField(title string, column Column, fieldOf func(*Person) *string) field {
	return narrowField(title, fieldOf, func(text string) string { return CheckObjectName(column, text) })
}

// readWord returns a function that reads a word. Unknown is the format of the problem of
// any other text.
func readWord[Meaning any](words map[string]Meaning, set func(*Person, Meaning), unknown string) func(*Person, string) []string {
	return func(person *Person, text string) []string {
		meaning, known := words[fold(text)]
		if !known {
			return []string{fmt.Sprintf(unknown, excerpt(text))}
		}
		set(person, meaning)
		return nil
	}
}

// title returns the header that Write writes for a column, or the name of a Control Hub
// column.
func title(column Column) string {
	if known, found := fields[column]; found {
		return known.title
	}
	return string(column)
}

// titles returns the headers of columns.
func titles(columns []Column) []string {
	var headers []string
	for _, column := range columns {
		headers = append(headers, title(column))
	}
	return headers
}
