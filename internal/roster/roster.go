package roster

import (
	"regexp"
	"strings"
)

// Column is the canonical name of a column of the sheet.
type Column string

// The columns. Their values are the field names of a Member's spec.
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

// Columns returns all columns in the order in which Write and WriteTemplate write them.
func Columns() []Column {
	return []Column{
		NameColumn, NicknameColumn, AgentIDColumn, EmailColumn, RoleColumn,
		PhoneColumn, ExtensionColumn, SkillGroupsColumn, ActiveColumn,
		LicenseColumn, UserProfileColumn, DesktopProfileColumn, SiteColumn, TeamsColumn,
	}
}

// The canonical roles, the same as for a Member.
const (
	SuperAdmin = "SuperAdmin"
	DeskAdmin  = "DeskAdmin"
	Supervisor = "Supervisor"
	DeskStaff  = "DeskStaff"
)

// The canonical licenses, the same as for a Member.
const (
	LicenseStandard = "Standard"
	LicensePremium  = "Premium"
	LicenseNone     = "None"
)

// superAdminName is the name of the only Member with the role SuperAdmin.
const superAdminName = "super-admin"

// maxMemberName is the maximum length of a DNS label (RFC 1123, section 2.1), in
// characters: a Member's name becomes a label value.
const maxMemberName = 63

// SkillGroup is a membership in a skill group.
type SkillGroup struct {
	// Name is the name of the SkillGroup.
	Name string
	// Priority is from 1 (first) to 5; 0 if the sheet gives none.
	Priority int32
}

// Person is one row of the sheet. A string field is empty if its cell is empty.
type Person struct {
	// Row is the row in the file, counted as in a spreadsheet program: from 1 and
	// with blank rows. It is 0 for a person who is not from a file.
	Row int
	// Name is the full name.
	Name string
	// Nickname is the name that customers see.
	Nickname string
	// AgentID is the agent (staff) number.
	AgentID string
	// Email is the e-mail address, as written.
	Email string
	// Role is DeskAdmin, Supervisor, or DeskStaff. It is SuperAdmin, with a warning,
	// in exported files, because only the operator creates the Super Admin.
	Role string
	// Phone is an E.164 number with its +.
	Phone string
	// Extension is the telephone extension.
	Extension string
	// SkillGroups are in the order of the cell, each name once.
	SkillGroups []SkillGroup
	// Active is nil if the cell is empty.
	Active *bool
	// License is Standard, Premium, or None. In a Control Hub file it is the license
	// for a person who holds none; callers that know the held license use Services.
	License string
	// UserProfile is the name of a UserProfile.
	UserProfile string
	// DesktopProfile is the name of a DesktopProfile.
	DesktopProfile string
	// Site is the name of a Site.
	Site string
	// Teams are names of Teams in the order of the cell, each once.
	Teams []string
	// InactiveInControlHub reports whether User Status is Inactive in a Control Hub
	// file. That column is read-only there and independent of Active.
	InactiveInControlHub bool
	// Services holds the service cells of a Control Hub file. It is nil for other
	// files and if the file has a column for neither service.
	Services *Services
}

// MemberName returns the name for the person's Member: a DNS label (RFC 1123) of at
// most 63 characters, always the same for the same row. It is made from the agent ID
// or, if that has no letters or digits, from the part of the e-mail address before the
// @. Letters become lowercase, each run of other characters becomes one hyphen, and
// hyphens at the ends are removed. An agent ID keeps each hyphen, and each _ becomes
// one. The name is super-admin for the role SuperAdmin, and empty if none can be made.
func (p Person) MemberName() string {
	if p.Role == SuperAdmin {
		return superAdminName
	}
	if name := dnsLabel(strings.ReplaceAll(p.AgentID, "_", "-")); name != "" {
		return name
	}
	local, _, _ := strings.Cut(p.Email, "@")
	return dnsLabel(notAlphanumeric.ReplaceAllString(local, "-"))
}

var (
	// notAlphanumeric matches a run of characters other than ASCII letters and digits.
	notAlphanumeric = regexp.MustCompile(`[^A-Za-z0-9]+`)
	notInLabel      = regexp.MustCompile(`[^a-z0-9-]`)
)

// dnsLabel converts a text of letters, digits, and hyphens to a DNS label. It returns
// an empty string if the text has other characters.
func dnsLabel(text string) string {
	label := strings.Trim(strings.ToLower(text), "-")
	label = strings.TrimRight(label[:min(len(label), maxMemberName)], "-")
	if notInLabel.MatchString(label) {
		return ""
	}
	return label
}

// Sheet is the content of a file.
type Sheet struct {
	// File is the name that was passed to Read.
	File string
	// ControlHub reports whether the file has the header of a Webex Control Hub users
	// file. An empty cell of such a file leaves its field as it is.
	ControlHub bool
	// Has maps each column of the file to its header as spelled there. For a Control
	// Hub file it has EmailColumn, NameColumn for the first of Display Name, First
	// Name, and Last Name, and LicenseColumn for the first service column.
	Has map[Column]string
	// People are the rows that are not blank, in file order, without the template's
	// example row, which is a fault. A field is empty if its cell has a fault.
	People []Person
}
