//go:build faults

package faults

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// hostileCenter is a ContactCenter at an edge of the schema, with templates of its
// own where there are any.
type hostileCenter struct {
	about string
	// field of the spec, such as mail.from, and its value as JSON.
	field, json string
	templates   map[string]string
	want        verdict
	// broken reports whether no message can go out, so that MailReady has to say why.
	broken verdict
}

// centerFields are fields of the spec that are free text or an address, with what is
// refused by the API server and what can only be seen to be wrong when it is used.
func centerFields() []hostileCenter {
	var found []hostileCenter
	add := func(field string, want, broken verdict, tokens ...token) {
		for _, one := range tokens {
			found = append(found, hostileCenter{about: field + ": " + one.about, field: field, json: one.json, want: want, broken: broken})
		}
	}
	// The verdict on being broken: rejected is broken, accepted works.
	for i, text := range texts(80) {
		if decoded, _ := text.decoded(); decoded != "" && i%7 == 0 {
			add("displayName", nameVerdict(text, 80), accepted, text)
		}
	}
	add("displayName", rejected, accepted, quoteAll("", "a\r\nBcc: x@evil.example", "a\u2028b", "\u202ea")...)
	for _, field := range []string{"mail.from", "mail.replyTo"} {
		add(field, accepted, accepted, quoteAll("a@b", "Acme <a@b.example>", `"Acme, Inc." <a@b.example>`, "{{.Password}} <a@b.example>", "=?utf-8?q?a?= <a@b.example>",
			"陈 <a@b.example>", strings.Repeat("n", 370)+" <a@b.example>")...)
		add(field, rejected, accepted, quoteAll("ab", "a b", "a@b, c@d", "a@b\r\nBcc: x@evil.example", "A\nB <a@b.example>", "<a@b> <c@d>", "a@b\x00", strings.Repeat("n", 374)+" <a@b.exam>",
			"a@@b", "a@b>", "mailto:a b@c")...)
		add(field, either, either, quoteAll("a@bücher.example", "ä@b.example", "Acme (comment) <a@b.example>", "a..b@c.example", "group:a@b;", "a@[1.2.3.4]", "a@b.", `"Acme <a@b.example>`, "\u202eAcme <a@b.example>", "a@\u2028b")...)
	}
	add("loginURL", accepted, accepted, quoteAll("http://a", "https://desk.example.com/?a=b&c='d'#e", "https://a/{{.Password}}", "https://a/%22%3E%3Cscript%3E", "https://user:secret@a/", "https://[::1]/",
		"https://a/"+strings.Repeat("p", 2038))...)
	add("loginURL", rejected, accepted, quoteAll("", "desk", "/login", "//desk/login", "ftp://a", "javascript:alert(1)", "data:text/html,x", "https://", "https://a/\r\nBcc: x", `https://a/"><script>alert(1)</script>`, "https://a/ b", "https://a/\u202e", "https://a/\u2028b", "https://a/'><b>", "https://a/"+strings.Repeat("p", 2039))...)
	add("loginURL", either, either, quoteAll("HTTPS://A", "https://a\\@evil.example", "https://bücher.example/", "https://a/`id`")...)
	add("mail.smtp.host", rejected, accepted, quoteAll("", "a b", "a:25", "-a", "a\r\nb", "a/b", "[::1]", "ä", strings.Repeat("h", 254), "a\x00")...)
	add("mail.smtp.host", accepted, rejected, quoteAll("a..b", "nobody.invalid", strings.Repeat("h", 253))...)
	add("mail.smtp.port", rejected, accepted, token{"0", "0"}, token{"65536", "65536"}, token{"a text", `"25"`}, token{"a fraction", "25.5"})
	add("superAdmin.email", rejected, accepted, quoteAll("sam", "sam@example.com\r\nBcc: x@evil.example", `"a b"@c`, strings.Repeat("a", 65)+"@b")...)
	add("superAdmin.name", rejected, accepted, quoteAll("Sam\nBcc: x", "\u202eSam", strings.Repeat("s", 65))...)
	add("superAdmin.name", accepted, accepted, quoteAll("{{.Password}}", "<script>alert(1)</script>", `Sam" <x@evil.example>, "y`)...)
	return found
}

// ownTemplates are mail templates that a user with access to ConfigMaps could write.
func ownTemplates() []hostileCenter {
	var found []hostileCenter
	add := func(broken verdict, about string, pairs ...string) {
		templates := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			templates[pairs[i]] = pairs[i+1]
		}
		found = append(found, hostileCenter{about: "templates: " + about, templates: templates, want: accepted, broken: broken})
	}
	add(rejected, "the password in the subject", "subject", "{{.Password}}")
	add(rejected, "the password in the subject by printf", "subject", `{{printf "%v" .}}{{.Password}}`)
	add(either, "everything in the subject", "subject", `{{printf "%v %+v %#v" . . .}}`)
	add(accepted, "a header in the subject", "subject", "Login\r\nBcc: x@evil.example\r\n\r\nbody")
	add(rejected, "half an expression", "text", "{{.Password")
	add(rejected, "a field that is none", "text", "{{.Secret}}")
	add(rejected, "a call that is none", "text", `{{exec "id"}}`)
	add(rejected, "a loop", "text", "{{range 1000000000}}x{{end}}")
	add(rejected, "itself", "text", `{{define "text"}}{{template "text"}}{{end}}{{template "text"}}`)
	add(rejected, "a width without bound", "text", `{{printf "%1000000000d" 1}}`)
	add(rejected, "text that doubles", "text", strings.Repeat(`{{$x := "xxxxxxxxxxxxxxxx"}}`, 1)+strings.Repeat(`{{$x = print $x $x}}`, 60)+"{{$x}}")
	add(rejected, "deep brackets", "text", "{{"+strings.Repeat("(", 200_000)+"1"+strings.Repeat(")", 200_000)+"}}")
	add(either, "deep branches", "text", strings.Repeat("{{if true}}", 30_000)+"{{.Password}}"+strings.Repeat("{{end}}", 30_000))
	add(either, "deep branches in a page", "html", strings.Repeat("{{if true}}", 20_000)+"{{.Password}}"+strings.Repeat("{{end}}", 20_000))
	add(rejected, "a key that is none", "text.xx", "{{.Password}}")
	add(rejected, "nothing", "html", " \n ")
	add(rejected, "a page that nobody can escape for", "html", "<a href='{{if .Name}}'{{end}}>{{.Password}}")
	add(accepted, "a script with a name in it", "html", "<script>var a = {{.Name}}; var b = {{.Password}}</script>")
	add(accepted, "bytes beyond ASCII", "text", "\u202e{{.Password}}\u0000\u0085")
	add(accepted, "a line of 100,000 characters", "text", strings.Repeat("a", 100_000)+"{{.Password}}")
	return found
}

// generateCenters puts them into an order by chance.
func generateCenters(random *rand.Rand) []hostileCenter {
	found := append(centerFields(), ownTemplates()...)
	random.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
	return found
}

// manifest is the ContactCenter as a JSON merge patch, for a mail server on a port.
func (h hostileCenter) manifest(port int, templates string) string {
	values := map[string]string{
		"displayName": `"Acme Support"`, "loginURL": `"https://desk.example.com/login"`, "superAdmin.name": `"Sam Okafor"`, "superAdmin.email": `"sam@example.com"`,
		"mail.from": `"Acme <rollcall@example.com>"`, "mail.replyTo": `"help@example.com"`, "mail.smtp.host": `"127.0.0.1"`, "mail.smtp.port": fmt.Sprint(port),
	}
	if h.field != "" {
		values[h.field] = h.json
	}
	own := `,"templates":null`
	if h.templates != nil {
		own = `,"templates":{"configMapRef":{"name":` + quote(templates).json + `}}`
	}
	return `{"apiVersion":"rollcall.dev/v1alpha1","kind":"ContactCenter","metadata":{"name":"default"},"spec":{"displayName":` + values["displayName"] +
		`,"loginURL":` + values["loginURL"] + `,"superAdmin":{"name":` + values["superAdmin.name"] + `,"email":` + values["superAdmin.email"] +
		`},"identity":{"usernamePrefix":"oidc:"},"mail":{"from":` + values["mail.from"] + `,"replyTo":` + values["mail.replyTo"] + `,"smtp":{"tls":"None","host":` + values["mail.smtp.host"] +
		`,"port":` + values["mail.smtp.port"] + `}` + own + `}}}`
}
