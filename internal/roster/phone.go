package roster

import (
	"fmt"
	"regexp"
	"strings"
)

// phoneExample is how every fault of a telephone number says what to write.
const phoneExample = "write +, the country code and the number, for example +14155550123"

var (
	onlyDigits = regexp.MustCompile(`^[0-9]+$`)
	// phonePunctuation is what people put between the digits of a number.
	phonePunctuation = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "-", "", "‐", "", "‑", "", "–", "", ".", "", "/", "", "(", "", ")", "", "\t", "")
)

// checkPhone says what is wrong with a telephone number, with what a spreadsheet
// program has probably done to it.
func checkPhone(phone string) string {
	if phonePattern.MatchString(phone) {
		return ""
	}
	bare := phonePunctuation.Replace(phone)
	switch {
	case shortened.MatchString(phone) && !onlyDigits.MatchString(phone):
		return fmt.Sprintf("the phone %s is a number that a spreadsheet has shortened, so that digits are lost: set the format of the column to text and type the number again, for example +14155550123", excerpt(phone))
	case bare != phone && phonePattern.MatchString(bare):
		return fmt.Sprintf("the phone %s has spaces or signs between the digits: write %s", excerpt(phone), bare)
	case !onlyDigits.MatchString(strings.TrimPrefix(bare, "+")):
		return fmt.Sprintf("the phone %s is not a telephone number of E.164: %s", excerpt(phone), phoneExample)
	default:
		return checkDigits(phone, bare)
	}
}

// checkDigits says what is wrong with a telephone number of digits, perhaps after
// a +. Bare is the number without spaces and signs.
func checkDigits(phone, bare string) string {
	switch {
	case strings.HasPrefix(bare, "+0"):
		return fmt.Sprintf("the phone %s has no country code after the +: %s", excerpt(phone), phoneExample)
	case strings.HasPrefix(bare, "00") && phonePattern.MatchString("+"+bare[2:]):
		return fmt.Sprintf("the phone %s begins with 00: write +%s", excerpt(phone), bare[2:])
	case strings.HasPrefix(bare, "0"):
		return fmt.Sprintf("the phone %s has no + and no country code: %s, without the 0 that is dialled only inside the country", excerpt(phone), phoneExample)
	case phonePattern.MatchString("+" + bare):
		return fmt.Sprintf("the phone %s has no +: a spreadsheet may have removed it, or leading zeros; write +%s if that begins with the country code, and set the format of the column to text", excerpt(phone), bare)
	default:
		return fmt.Sprintf("the phone %s has %d digits, but a number of E.164 has 2 to 15: %s", excerpt(phone), len(strings.TrimPrefix(bare, "+")), phoneExample)
	}
}
