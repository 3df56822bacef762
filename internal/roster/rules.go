package roster

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The bounds of the fields, in characters. They are the same as in the Member
// CustomResourceDefinition; a test compares them.
const (
	maxName           = 64
	maxNickname       = 32
	minEmail          = 3
	maxEmail          = 254
	maxEmailLocalPart = 64
	maxEmailLabel     = 63
	maxAgentID        = 32
	maxSkillGroups    = 64
	maxSkillGroupName = 253
	minPriority       = 1
	maxPriority       = 5
	// maxObjectName applies to profiles, sites, and teams.
	maxObjectName = 63
	maxTeams      = 64
)

// The patterns of the fields, the same as in the CustomResourceDefinition.
var (
	emailPattern = regexp.MustCompile(`^[A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+([.][A-Za-z0-9!#$%&\x27*+/=?^_\x60{|}~-]+)*` +
		`@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$`)
	agentIDPattern    = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	extensionPattern  = regexp.MustCompile(`^[1-8][0-9]{3,5}$`)
	phonePattern      = regexp.MustCompile(`^[+][1-9][0-9]{1,14}$`)
	objectNamePattern = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
	// notInName matches characters that a name must not contain.
	notInName = regexp.MustCompile(`[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]`)
)

// shortened matches a long number that a spreadsheet program shortened to fit its column.
var shortened = regexp.MustCompile(`^[+]?[0-9]+([.,][0-9]+)?[eE][+]?[0-9]+$`)

// checkText returns the problem of a name or a nickname, or an empty string. It is
// stricter than the CustomResourceDefinition: a nickname allows only the characters of a
// name, because a cell with two lines is an accident, and neither allows the two code
// points that a workbook cannot hold (XML 1.0, section 2.2).
func checkText(what, text string, longest int) string {
	if length := utf8.RuneCountInString(text); length > longest {
		return fmt.Sprintf("the %s has %d characters: shorten it to at most %d", what, length, longest)
	}
	if found := notInName.FindString(text); found != "" {
		first, _ := utf8.DecodeRuneInString(found)
		if first == '\n' || first == '\r' {
			return fmt.Sprintf("the %s %s has more than one line: write it as one line of plain text", what, excerpt(text))
		}
		return fmt.Sprintf("the %s %s has the invisible character %s: type it again as one line of plain text", what, excerpt(text), codePoint(first))
	}
	if strings.ContainsAny(text, "\ufffe\uffff") {
		return fmt.Sprintf("the %s %s has a code point that is not a character: type it again as one line of plain text", what, excerpt(text))
	}
	return ""
}

// checkEmail returns the problem of an e-mail address, or an empty string.
func checkEmail(email string) string {
	local, domain, found := strings.Cut(email, "@")
	switch {
	case strings.ContainsFunc(email, unicode.IsSpace):
		return fmt.Sprintf("%s contains a space or more than one address: write one address without spaces, for example ana@example.com", excerpt(email))
	case strings.ContainsAny(email, ",;，；"):
		return fmt.Sprintf("%s contains more than one address, or a comma instead of a dot: write one address, for example ana@example.com", excerpt(email))
	case !found:
		return fmt.Sprintf("%s is not an e-mail address because it has no @: write one such as ana@example.com", excerpt(email))
	case strings.HasPrefix(strings.ToLower(email), "mailto:"), strings.ContainsAny(email, "<>"):
		return fmt.Sprintf("%s is more than an e-mail address: write the address alone, for example ana@example.com", excerpt(email))
	case len(email) < minEmail || utf8.RuneCountInString(email) > maxEmail:
		return fmt.Sprintf("the e-mail address has %d characters: write one of %d to %d", utf8.RuneCountInString(email), minEmail, maxEmail)
	case len(local) > maxEmailLocalPart:
		return fmt.Sprintf("%s has %d characters before the @: write an address with at most %d there (RFC 5321)", excerpt(email), utf8.RuneCountInString(local), maxEmailLocalPart)
	case !emailPattern.MatchString(email):
		return fmt.Sprintf("%s is not a valid e-mail address (RFC 5321): write one such as ana@example.com, with unaccented letters, digits, and the characters . _ - +", excerpt(email))
	}
	for label := range strings.SplitSeq(domain, ".") {
		if len(label) > maxEmailLabel {
			return fmt.Sprintf("%s has a part of %d characters after the @: write an address in which each part between dots has at most %d", excerpt(email), len(label), maxEmailLabel)
		}
	}
	return ""
}

// checkAgentID returns the problem of an agent ID, or an empty string.
func checkAgentID(agentID string) string {
	switch {
	case shortened.MatchString(agentID) && !agentIDPattern.MatchString(agentID):
		return fmt.Sprintf("%s was shortened by a spreadsheet: set the format of the column to text and type the agent ID again", excerpt(agentID))
	case utf8.RuneCountInString(agentID) > maxAgentID:
		return fmt.Sprintf("the agent ID has %d characters: write 1 to %d", utf8.RuneCountInString(agentID), maxAgentID)
	case !agentIDPattern.MatchString(agentID):
		return fmt.Sprintf("the agent ID %s has characters other than the letters A to Z, digits, _, and -: write it without them, for example 1024 or A-17", excerpt(agentID))
	}
	return ""
}

// checkExtension returns the problem of a telephone extension, or an empty string.
func checkExtension(extension string) string {
	switch {
	case extensionPattern.MatchString(extension):
		return ""
	case strings.Trim(extension, "0123456789") != "":
		return fmt.Sprintf("the extension %s has characters other than digits: write 4 to 6 digits, the first 1 to 8, for example 1024", excerpt(extension))
	case len(extension) < 4 || len(extension) > 6:
		return fmt.Sprintf("the extension %s has %d digits: write 4 to 6, the first 1 to 8, for example 1024", excerpt(extension), len(extension))
	default:
		return fmt.Sprintf("the extension %s begins with %s: choose one of 4 to 6 digits that begins with 1 to 8, for example 1024", excerpt(extension), extension[:1])
	}
}

// phoneExample is the correction that faults of phone numbers suggest.
const phoneExample = "write +, the country code and the number, for example +14155550123"

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	// phonePunctuation removes what people type between the digits of a number.
	phonePunctuation = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "-", "", "‐", "", "‑", "", "–", "", ".", "", "/", "", "(", "", ")", "", "\t", "")
)

// checkPhone returns the problem of a phone number, including what a spreadsheet program
// probably did to it, or an empty string.
func checkPhone(phone string) string {
	if phonePattern.MatchString(phone) {
		return ""
	}
	bare := phonePunctuation.Replace(phone)
	switch {
	case shortened.MatchString(phone) && !onlyDigits.MatchString(phone):
		return fmt.Sprintf("the phone %s was shortened by a spreadsheet and has lost digits: set the format of the column to text and type the number again, for example +14155550123", excerpt(phone))
	case bare != phone && phonePattern.MatchString(bare):
		return fmt.Sprintf("the phone %s has spaces or punctuation between the digits: write %s", excerpt(phone), bare)
	case !onlyDigits.MatchString(strings.TrimPrefix(bare, "+")):
		return fmt.Sprintf("the phone %s is not an E.164 phone number: %s", excerpt(phone), phoneExample)
	default:
		return checkDigits(phone, bare)
	}
}

// checkDigits returns the problem of a phone number that consists of digits, perhaps
// after a +. Bare is the number without punctuation.
func checkDigits(phone, bare string) string {
	switch {
	case strings.HasPrefix(bare, "+0"):
		return fmt.Sprintf("the phone %s has no country code after the +: %s", excerpt(phone), phoneExample)
	case strings.HasPrefix(bare, "00") && phonePattern.MatchString("+"+bare[2:]):
		return fmt.Sprintf("the phone %s begins with 00: write +%s", excerpt(phone), bare[2:])
	case strings.HasPrefix(bare, "0"):
		return fmt.Sprintf("the phone %s has no + and no country code: %s, without the 0 that is dialed only inside the country", excerpt(phone), phoneExample)
	case phonePattern.MatchString("+" + bare):
		return fmt.Sprintf("the phone %s has no +: a spreadsheet may have removed it, or leading zeros; write +%s if that begins with the country code, and set the format of the column to text", excerpt(phone), bare)
	default:
		return fmt.Sprintf("the phone %s has %d digits, but an E.164 number has 2 to 15: %s", excerpt(phone), len(strings.TrimPrefix(bare, "+")), phoneExample)
	}
}
