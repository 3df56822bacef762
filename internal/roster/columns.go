package roster

import "strings"

// field is how the cells of a column are read and written.
type field struct {
	// title is the header that Write gives the column.
	title string
	// read reads the text of a cell, which is not empty, into the person, and says
	// what is wrong with it: then the field stays empty.
	read func(r *reader, person *Person, text string) (problems []string)
	// text is the field as a text, empty if the person has none.
	text func(person *Person) string
}

// fields are the fields by their columns, those of Control Hub included.
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
	known[ActiveColumn] = field{title: "Active", read: readActive, text: func(p *Person) string { return formatActive(p.Active) }}
	known[LicenseColumn] = field{title: "License", read: readLicense, text: func(p *Person) string { return p.License }}
	known[UserProfileColumn] = nameField("User profile", userProfileName, func(p *Person) *string { return &p.UserProfile })
	known[DesktopProfileColumn] = nameField("Desktop profile", desktopProfileName, func(p *Person) *string { return &p.DesktopProfile })
	known[SiteColumn] = nameField("Site", siteName, func(p *Person) *string { return &p.Site })
	known[TeamsColumn] = field{title: "Teams", read: readTeams, text: func(p *Person) string { return strings.Join(p.Teams, "; ") }}
	return known
}

// plainField is a field that is a text.
func plainField(title string, of func(*Person) *string, check func(string) string) field {
	return field{
		title: title,
		read: func(_ *reader, person *Person, text string) []string {
			if problem := check(text); problem != "" {
				return []string{problem}
			}
			*of(person) = text
			return nil
		},
		text: func(person *Person) string { return *of(person) },
	}
}

// narrowField is a field that is a text without full-width signs.
func narrowField(title string, of func(*Person) *string, check func(string) string) field {
	plain := plainField(title, of, check)
	return field{
		title: title,
		read: func(r *reader, person *Person, text string) []string {
			return plain.read(r, person, narrow(text))
		},
		text: plain.text,
	}
}

// nameField is a field that is the name of an object.
func nameField(title string, kind objectKind, of func(*Person) *string) field {
	return narrowField(title, of, func(text string) string { return checkObjectName(kind, text) })
}

// title is the header that Write gives a column.
func title(column Column) string {
	if known, found := fields()[column]; found {
		return known.title
	}
	return string(column)
}

// titles are the headers of columns.
func titles(columns []Column) []string {
	var headers []string
	for _, column := range columns {
		headers = append(headers, title(column))
	}
	return headers
}
