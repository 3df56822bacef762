//go:build faults

package faults

import "strings"

// value is a token for one field, and what the API server has to do with it.
type value struct {
	token
	want verdict
}

// values are tokens with one verdict.
func values(want verdict, tokens ...token) []value {
	found := make([]value, len(tokens))
	for i, one := range tokens {
		found[i] = value{one, want}
	}
	return found
}

// field is a field of a Member's spec with rules; wrap is what goes around a value,
// such as the list that it is in.
type field struct {
	path          string
	before, after string
	values        []value
}

// objectNames are names of objects, up to so many characters.
func objectNames(most int) []value {
	return append(values(accepted, quoteAll("a", "0", "a-b", "a.b", strings.Repeat("a", most))...),
		values(rejected, append(quoteAll(
			strings.Repeat("a", most+1), "", "A", "-a", "a-", ".", "..", "a.", "../a", "a/b", "a b", " a", "a\n", "a\nb", "a\x00", "ä", "ａ", "a_b", "{{.Name}}", "<b>",
			strings.Repeat("a", 5000)), odd[:2]...)...)...)
}

// strictFields are the fields of a Member that are not free text.
func strictFields() []field {
	digits := "1234567890123456"
	return []field{
		{path: "agentID", values: append(values(accepted, quoteAll("a", "0", "_-", "007", "true", "1e3", strings.Repeat("Z", 32))...),
			values(rejected, append(quoteAll(strings.Repeat("Z", 33), "", " ", "a b", "a\n", "a\r\nb", "ä", "０１", "a.b", "a/b", "{{.}}", "<b>", "a\x00", "\u202e1"), odd[:3]...)...)...)},
		{path: "extension", values: append(values(accepted, quoteAll("1000", "899999", "10000")...),
			values(rejected, append(quoteAll("100", "1000000", "0999", "9000", "", "1000\n", "１０００", "1 000", "-1000", "+1000", "1e3", "0x10", "١٠٠٠", "10.0", "abcd"), odd[3])...)...)},
		{path: "phone", values: append(values(accepted, quoteAll("+12", "+14155550123", "+"+digits[:15])...),
			values(rejected, append(quoteAll("+"+digits, "+1", "+", "", "14155550123", "+0123", "+1 415", "+1-415", "+1415\n", "tel:+1415", "＋14155550123", "+1415;ext=1", "00141555", "+1415x"), odd[3])...)...)},
		{path: "role", values: append(values(accepted, quoteAll("DeskStaff", "Supervisor", "DeskAdmin")...),
			values(rejected, quoteAll("SuperAdmin", "superadmin", "DeskStaff ", "Desk\x00Staff", "DeskStaff\n", "", "Root", "{{.Role}}")...)...)},
		{path: "locale", values: append(values(accepted, quoteAll("en", "fr", "id", "zh-CN")...),
			values(rejected, quoteAll("", "EN", "en_US", "../en", "zh-cn", "en\nfr", "xx", "fr\x00", "en/../fr")...)...)},
		{path: "license", values: append(values(accepted, quoteAll("Standard", "Premium", "None")...), values(rejected, quoteAll("", "standard", "Gold", "None\n")...)...)},
		{path: "active", values: append(values(accepted, token{"no", "false"}, token{"yes", "true"}),
			values(rejected, append(quoteAll("true", "false", "yes", ""), token{"0", "0"}, token{"1", "1"}, token{"a list", "[true]"})...)...)},
		{path: "forceOffline", values: append(values(accepted, token{"no", "false"}, token{"yes", "true"}),
			values(rejected, append(quoteAll("true", "false"), token{"0", "0"}, token{"1", "1"})...)...)},
		{path: "forceOfflineUntil", values: dateValues()},
		{path: "userProfile", values: objectNames(63)},
		{path: "desktopProfile", values: objectNames(63)[4:12]},
		{path: "site", values: objectNames(63)[4:12]},
		{path: "teams", before: "[", after: "]", values: objectNames(63)},
		{path: "skillGroups", before: `[{"name":`, after: "}]", values: objectNames(253)},
		{path: "skillGroups", before: `[{"name":"a","priority":`, after: "}]", values: append(values(accepted, token{"1", "1"}, token{"5", "5"}),
			values(rejected, append(quoteAll("1", ""), token{"0", "0"}, token{"6", "6"}, token{"-1", "-1"}, token{"1.5", "1.5"}, token{"1e9", "1e9"},
				token{"2^31", "2147483648"}, token{"2^64", "18446744073709551616"}, token{"1e400", "1e400"}, token{"no number", "NaN"})...)...)},
	}
}

// dateValues are times, and what looks like one. What no program in Go can read must
// not be stored: with one such Member no client could list the others.
func dateValues() []value {
	return append(values(accepted, quoteAll("2026-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00.123456789Z",
		"2026-01-01T00:00:00-23:59", "2024-02-29T12:00:00+08:00")...),
		values(rejected, append(quoteAll("2026-01-01t00:00:00z", "2026-01-01T00:00:00x5Z", "2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00ZTgarbage",
			"2026-01-01T00:00:00+0000", "2026-01-01 00:00:00Z", "2026-01-01T00:00:00", "2026-01-01", "2026-01-01T24:00:00Z", "2026-01-01T23:59:60Z",
			"2026-02-30T00:00:00Z", "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "10000-01-01T00:00:00Z", "-2026-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
			"tomorrow", "", "now\n", "２０２６-01-01T00:00:00Z", "{{now}}"), token{"seconds", "1767225600"}, token{"a list", "[]"})...)...)
}

// addresses are e-mail addresses: local parts of those that are accepted, since each
// has to be another one, and whole ones that are not.
func addresses() (locals, domains []string, bad []token) {
	label := strings.Repeat("b", 63)
	locals = []string{"!#$%&'*+/=?^_`{|}~-", "o'brien+desk", "UPPER", "x.y.z", "=?utf-8?q?a?=", "{{.Password}}", "${x}", "%0d%0abcc", "`id`", "a=0D=0A", "/etc/passwd", "*", "'or'1'='1"}
	domains = []string{"b", "1.2", "xn--bcher-kva.example", "EXAMPLE.com", label + "." + label + "." + label[:50], "a-b.example"}
	whole := label + "." + label + "." + label + "." + label
	bad = append(quoteAll(
		"ana", "ana@", "@example.com", "ana@@example.com", "ana@example@com", "ana silva@example.com", "ana@example .com", " ana@example.com", "ana@example.com ",
		".ana@example.com", "ana.@example.com", "ana..silva@example.com", "ana@-example.com", "ana@example-.com", "ana@.example.com", "ana@example.com.", "ana@exam_ple.com",
		"ana@[192.0.2.1]", "ana@[IPv6:::1]", `"ana"@example.com`, `"a b"@example.com`, `"a\"b"@example.com`, `"a@b"@example.com`, `""@example.com`,
		"Ana <ana@example.com>", "<ana@example.com>", "ana@example.com,eve@evil.example", "ana@example.com;eve@evil.example", "ana@example.com eve@evil.example",
		"ana@example.com>\r\nRCPT TO:<eve@evil.example", "ana@example.com\r\nBcc: eve@evil.example", "ana@example.com\n", "\nana@example.com", "ana@example.com\x00", "ana\x00@example.com",
		"ana\t@example.com", "ana@example.com\u2028", "ana\u200b@example.com", "ana@exam\u00adple.com", "ana\u202e@example.com", "аna@example.com", "änä@example.com", "ana@bücher.example",
		"ana@例え.jp", "ana＠example.com", "ana@example。com", "ana(comment)@example.com", "ana@example.com(comment)", "(c)ana@example.com", "@a,@b:ana@example.com", "a%b@c@example.com",
		"mailto:ana@example.com", "ana@example.com?bcc=eve@evil.example", "ana@example.com/..", "ana@exa<b>mple.com", "<script>@example.com", "ana@{{.Host}}.com",
		strings.Repeat("a", 65)+"@example.com", "ana@"+label+"b.com", "a@"+whole[:253], strings.Repeat("a", 64)+"@"+whole[:190], strings.Repeat("a", 100000)+"@example.com", "", "@", "a@", "aa"), odd...)
	return locals, domains, bad
}

// wrongTypes are tokens that are of no use to a field of text.
var wrongTypes = []value{
	{token{"a number", "1024"}, rejected},
	{token{"a fraction", "1.50"}, rejected},
	{token{"a number that is too large", "1e999"}, rejected},
	{token{"true", "true"}, rejected},
	{token{"a list", `["a"]`}, rejected},
	{token{"an object", `{"a":"b"}`}, rejected},
	{token{"null", "null"}, either},
	{token{"nothing", ""}, rejected},
	{token{"no JSON", "'ana'"}, rejected},
	{token{"deep nesting", strings.Repeat("[", 5000) + strings.Repeat("]", 5000)}, rejected},
}

// typedFields are the fields that wrongTypes go into.
var typedFields = []string{
	"name", "nickname", "email", "agentID", "extension", "role", "forceOfflineReason", "passwordReset", "site", "forceOfflineUntil",
}
