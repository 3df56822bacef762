package v1alpha1_test

import (
	"fmt"
	"strings"
)

// longestEmail is a mailbox of 254 characters, with the longest possible local part
// and labels.
var longestEmail = strings.Repeat("a", 64) + "@" +
	strings.Repeat("b", 63) + "." + strings.Repeat("c", 63) + "." + strings.Repeat("d", 61)

// emailRules returns the rules for an e-mail address at a path.
func emailRules(path string) []ruleTest {
	rejected := "email must be a mailbox of RFC 5321 such as ana@example.com"
	tests := []ruleTest{
		{name: "an e-mail address of 254 characters is accepted", set: fields{path: longestEmail}},
		{name: "an e-mail address of 255 characters is rejected", set: fields{path: longestEmail + "d"}, want: "may not be more than 254"},
		{name: "a missing e-mail address is rejected", set: fields{path: nil}, want: path + ": Required value"},
	}
	for _, good := range []string{
		"a@b", "ana.silva+desk@example.com", "o'brien@example.com", "!#$%&'*+/=?^_`{|}~-@example.com",
		"ANA@EXAMPLE.COM", "1@2.3", "ana@xn--bcher-kva.example",
	} {
		tests = append(tests, ruleTest{name: fmt.Sprintf("the e-mail address %s is accepted", good), set: fields{path: good}})
	}
	for _, bad := range []string{
		"ana", "ana@", "@example.com", "ana@@example.com", "ana@example@com", "ana silva@example.com", "ana@example .com",
		".ana@example.com", "ana.@example.com", "ana..silva@example.com", "ana@-example.com", "ana@example-.com",
		"ana@.example.com", "ana@example.com.", "ana@exam_ple.com", "ana@[192.0.2.1]", `"ana"@example.com`,
		"Ana <ana@example.com>", "ana@example.com\nbcc: x@example.com", "ana@example.com\n", "änä@example.com", "ana@bücher.example",
		strings.Repeat("a", 65) + "@example.com", "ana@" + strings.Repeat("b", 64) + ".com",
	} {
		tests = append(tests, ruleTest{name: fmt.Sprintf("the e-mail address %q is rejected", bad), set: fields{path: bad}, want: rejected})
	}
	return tests
}

// lineRules returns the rules for one line of text of up to length characters.
func lineRules(path string, length int) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	tests := []ruleTest{
		{name: fmt.Sprintf("%s of %d multi-byte characters is accepted", field, length), set: fields{path: strings.Repeat("陈", length)}},
		{
			name: fmt.Sprintf("%s of %d characters is rejected", field, length+1), set: fields{path: strings.Repeat("n", length+1)},
			want: fmt.Sprintf("may not be more than %d", length),
		},
	}
	for _, bad := range []string{"a\nb", "a\r\nBcc: b@example.com", "a\tb", "a\x00b", "a\u007fb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b"} {
		tests = append(tests, ruleTest{
			name: fmt.Sprintf("%s %+q is rejected", field, bad), set: fields{path: bad},
			want: field + " must not contain control characters, line breaks or direction overrides: write it as one line of plain text",
		})
	}
	return tests
}

// numberRules returns the rules for a number from low to high.
func numberRules(path string, low, high int64) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	return []ruleTest{
		{name: fmt.Sprintf("%s %d is accepted", field, low), set: fields{path: low}},
		{name: fmt.Sprintf("%s %d is accepted", field, high), set: fields{path: high}},
		{name: fmt.Sprintf("%s %d is rejected", field, low-1), set: fields{path: low - 1}, want: fmt.Sprintf("should be greater than or equal to %d", low)},
		{name: fmt.Sprintf("%s %d is rejected", field, high+1), set: fields{path: high + 1}, want: fmt.Sprintf("should be less than or equal to %d", high)},
	}
}

// choiceRules returns the rules for a field with a closed list of values.
func choiceRules(path string, values ...string) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	tests := []ruleTest{{name: fmt.Sprintf("%s Else is rejected", field), set: fields{path: "Else"}, want: `Unsupported value: "Else"`}}
	for _, value := range values {
		tests = append(tests, ruleTest{name: fmt.Sprintf("%s %s is accepted", field, value), set: fields{path: value}})
	}
	return tests
}

// lengthRules returns the rules for free text of up to length characters.
func lengthRules(path string, length int) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	return []ruleTest{
		{name: fmt.Sprintf("%s of %d multi-byte characters is accepted", field, length), set: fields{path: strings.Repeat("é", length)}},
		{
			name: fmt.Sprintf("%s of %d characters is rejected", field, length+1), set: fields{path: strings.Repeat("x", length+1)},
			want: fmt.Sprintf("may not be more than %d", length),
		},
	}
}
