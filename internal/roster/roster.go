package roster

import "strings"

// Column is the canonical name of a column of the sheet.
type Column string

// The columns. The values are the names of the fields of a Member's spec.
const (
	NameColumn        Column = "name"
	NicknameColumn    Column = "nickname"
	AgentIDColumn     Column = "agentID"
	EmailColumn       Column = "email"
	RoleColumn        Column = "role"
	PhoneColumn       Column = "phone"
	ExtensionColumn   Column = "extension"
	SkillGroupsColumn Column = "skillGroups"
	ActiveColumn      Column = "active"

	LicenseColumn        Column = "license"
	UserProfileColumn    Column = "userProfile"
	DesktopProfileColumn Column = "desktopProfile"
	SiteColumn           Column = "site"
	TeamsColumn          Column = "teams"
)

// Columns are all columns, in the order in which Write and WriteTemplate write them.
func Columns() []Column {
	return []Column{
		NameColumn, NicknameColumn, AgentIDColumn, EmailColumn, RoleColumn,
		PhoneColumn, ExtensionColumn, SkillGroupsColumn, ActiveColumn,
		LicenseColumn, UserProfileColumn, DesktopProfileColumn, SiteColumn, TeamsColumn,
	}
}

// The canonical roles, which are those of a Member.
const (
	SuperAdmin = "SuperAdmin"
	DeskAdmin  = "DeskAdmin"
	Supervisor = "Supervisor"
	DeskStaff  = "DeskStaff"
)

// The canonical licences, which are those of a Member.
const (
	LicenseStandard = "Standard"
	LicensePremium  = "Premium"
	LicenseNone     = "None"
)

// superAdminName is the name of the one Member with the role SuperAdmin.
const superAdminName = "super-admin"

// maxMemberName is the length of a DNS label (RFC 1123, section 2.1), in
// characters: a Member's name becomes a label value.
const maxMemberName = 63

// SkillGroup is a membership in a skill group.
type SkillGroup struct {
	// Name of the SkillGroup.
	Name string
	// Priority is from 1 (first) to 5; 0 where the sheet gives none.
	Priority int32
}

// Person is one row of the sheet. A text is empty where the cell is.
type Person struct {
	// Row of the file, counted as a spreadsheet program does, from 1 and with
	// blank rows; 0 for a person who is not from a file.
	Row int
	// Name is the full name.
	Name string
	// Nickname is the name that customers see.
	Nickname string
	// AgentID is the agent (staff) number.
	AgentID string
	// Email is the e-mail address, as written.
	Email string
	// Role is DeskAdmin, Supervisor or DeskStaff; SuperAdmin in a file that was
	// exported, with a warning, since the operator alone makes the Super Admin.
	Role string
	// Phone is a number of E.164 with its +.
	Phone string
	// Extension is the telephone extension.
	Extension string
	// SkillGroups are in the order of the cell, each name once.
	SkillGroups []SkillGroup
	// Active is nil where the cell is empty.
	Active *bool
	// License is Standard, Premium or None. In a file of Control Hub it is what the
	// service cells say by themselves, for somebody who holds no licence; whoever
	// knows what the person holds asks Services instead.
	License string
	// UserProfile is the name of a UserProfile.
	UserProfile string
	// DesktopProfile is the name of a DesktopProfile.
	DesktopProfile string
	// Site is the name of a Site.
	Site string
	// Teams are names of Teams in the order of the cell, each once.
	Teams []string
	// InactiveInControlHub is whether User Status is Inactive in a file of Control Hub.
	// It is read-only there, and no word about Active.
	InactiveInControlHub bool
	// Services are the service cells of a file of Control Hub; nil for a person who
	// is not from such a file, and where it has no column for either service.
	Services *Services
}

// MemberName is the name of the Member that is made for the person: always the
// same for the same row, and a DNS label (RFC 1123) of at most 63 characters. It
// is made from the agent ID, or, where there is none or it has neither letters
// nor digits, from the part of the e-mail address before the @: in lower case,
// with one hyphen in place of each run of other characters, and without hyphens
// at the ends. An agent ID keeps each of its hyphens, with _ made a hyphen too. It
// is super-admin for the role SuperAdmin, and empty if no name can be made.
func (p Person) MemberName() string {
	if p.Role == SuperAdmin {
		return superAdminName
	}
	if name := dnsLabel(strings.ReplaceAll(p.AgentID, "_", "-")); name != "" {
		return name
	}
	local, _, _ := strings.Cut(p.Email, "@")
	return dnsLabel(hyphenated(local))
}

// dnsLabel is a text of letters, digits and hyphens as a DNS label.
func dnsLabel(text string) string {
	label := strings.Trim(strings.ToLower(text), "-")
	if len(label) > maxMemberName {
		label = strings.TrimRight(label[:maxMemberName], "-")
	}
	for _, sign := range []byte(label) {
		if !isASCIIAlphanumeric(sign) && sign != '-' {
			return ""
		}
	}
	return label
}

// hyphenated is the text with a hyphen for each run of other signs than ASCII
// letters and digits.
func hyphenated(text string) string {
	var label strings.Builder
	gap := false
	for _, sign := range []byte(text) {
		if !isASCIIAlphanumeric(sign) {
			gap = true
			continue
		}
		if gap {
			label.WriteByte('-')
			gap = false
		}
		label.WriteByte(sign)
	}
	return label.String()
}

func isASCIIAlphanumeric(sign byte) bool {
	return sign >= '0' && sign <= '9' || sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z'
}

// Sheet is what a file says.
type Sheet struct {
	// File is the name that was given to Read.
	File string
	// ControlHub is whether the file has the header of the users file of Webex
	// Control Hub. There, an empty cell says nothing.
	ControlHub bool
	// Has maps each column that the file has to its header as spelt there. Of a file
	// of Control Hub it has EmailColumn; NameColumn for the first of Display Name,
	// First Name and Last Name that is there; and LicenseColumn for the first
	// service column.
	Has map[Column]string
	// People are the rows that are not blank, in the order of the file, without the
	// example of a template, which is a fault. Where a cell is at fault, the field is
	// empty.
	People []Person
}
