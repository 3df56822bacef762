package roster

import "strings"

// field reads and writes the cells of a column.
type field struct {
	// title is the header that Write writes for the column.
	title string
	// read parses the text of a cell that is not empty and sets the person's field. If
	// it returns problems, the field stays empty.
	read func(r *reader, person *Person, text string) (problems []string)
	// text returns the content of the cell; it is empty if the person's field is.
	text func(person *Person) string
}

// fields returns the field of each column, including those of Control Hub.
func fields() map[Column]field {
	known := controlHubFields()
	known[NameColumn] = plainField("Name", func(p *Person) *string { return &p.Name }, func(text string) string { return checkText("name", text, maxName) })
	known[NicknameColumn] = plainField("Nickname", func(p *Person) *string { return &p.Nickname }, func(text string) string { return checkText("nickname", text, maxNickname) })
	known[AgentIDColumn] = narrowField("Agent ID", func(p *Person) *string { return &p.AgentID }, checkAgentID)
	known[EmailColumn] = narrowField("E-mail", func(p *Person) *string { return &p.Email }, checkEmail)
	known[RoleColumn] = field{title: "Role", read: readRole, text: func(p *Person) string { return p.Role }}
	known[PhoneColumn] = narrowField("Phone", func(p *Person) *string { return &p.Phone }, checkPhone)
	known[ExtensionColumn] = narrowField("Extension", func(p *Person) *string { return &p.Extension }, checkExtension)
	known[SkillGroupsColumn] = field{title: "Skill groups", read: readSkillGroups, text: func(p *Person) string { return formatSkillGroups(p.SkillGroups) }}
	// Spreadsheet programs translate true and false, but not yes and no.
	known[ActiveColumn] = field{title: "Active", read: readActive, text: func(p *Person) string { return formatBool(p.Active, "yes", "no") }}
	known[LicenseColumn] = field{title: "License", read: readLicense, text: func(p *Person) string { return p.License }}
	known[UserProfileColumn] = nameField("User profile", userProfileKind, func(p *Person) *string { return &p.UserProfile })
	known[DesktopProfileColumn] = nameField("Desktop profile", desktopProfileKind, func(p *Person) *string { return &p.DesktopProfile })
	known[SiteColumn] = nameField("Site", siteKind, func(p *Person) *string { return &p.Site })
	known[TeamsColumn] = field{title: "Teams", read: readTeams, text: func(p *Person) string { return strings.Join(p.Teams, "; ") }}
	return known
}

// plainField returns a field that holds a string.
func plainField(title string, fieldOf func(*Person) *string, check func(string) string) field {
	return field{
		title: title,
		read: func(_ *reader, person *Person, text string) []string {
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
	plain := plainField(title, fieldOf, check)
	return field{
		title: title,
		read: func(r *reader, person *Person, text string) []string {
			return plain.read(r, person, narrow(text))
		},
		text: plain.text,
	}
}

// nameField returns a field that holds the name of an object.
func nameField(title string, kind objectKind, fieldOf func(*Person) *string) field {
	return narrowField(title, fieldOf, func(text string) string { return checkName(kind, text) })
}

// title returns the header that Write writes for a column.
func title(column Column) string {
	if known, found := fields()[column]; found {
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
