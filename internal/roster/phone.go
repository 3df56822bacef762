package roster

import (
	"fmt"
	"regexp"
	"strings"
)

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
