package mail

import (
	"errors"
	"mime"
	"strings"
	"testing"
)

func TestTemplateErrorsNameKeyLineAndProblem(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		key, source string
		line        int
		problem     string
	}{
		"unknown key":            {"txt", "x", 0, "there is no such key: use subject, text or html"},
		"unknown locale":         {"text.de", "x", 0, "(en, zh-CN, fr, id)"},
		"locale in another case": {"text.zh-cn", "x", 0, "there is no such key"},
		"no locale after a dot":  {"text.", "x", 0, "there is no such key"},
		"does not parse":         {"text", "Hello\n{{.Name\n\n", 2, "unclosed action"},
		"stray brace":            {"html.fr", "<p>\n\n{{.Name}}}{{}}", 3, "missing value for command"},
		"missing end":            {"text.id", "a\n{{if .Name}}\nb", 3, "unexpected EOF"},
		"unknown function":       {"subject", "\n{{shout .Name}}", 2, `function "shout" not defined`},
		"unknown field":          {"text.zh-CN", "a\nb\n{{.Passwort}}", 3, "there is no field .Passwort: use one of .ContactCenter"},
		"unknown field in HTML":  {"html", "<p>\n{{.Passwort}}</p>", 2, "there is no field .Passwort"},
		"unknown field, branch not taken": {
			"text", "{{if eq .Locale \"xx\"}}\n{{.Vorname}}{{end}}", 2, "there is no field .Vorname",
		},
		"unknown field of the root":  {"text", "{{with .Name}}\n\n{{$.Vorname}}{{end}}", 3, "there is no field .Vorname"},
		"unknown field after else":   {"text", "{{with .Name}}x{{else}}\n{{.Vorname}}{{end}}", 2, "there is no field .Vorname"},
		"unknown field in arguments": {"text", "\n\n{{printf \"%s\" (print .Vorname)}}", 3, "there is no field .Vorname"},
		"field of a field":           {"text", "{{.Name.First}}", 1, "there is no field .Name.First"},
		"field of a field, by with":  {"text", "{{with .Name}}\n{{.First}}{{end}}", 2, "can't evaluate field First"},
		"method":                     {"text", "{{.MarshalLog}}", 1, "there is no field .MarshalLog"},
		"password in the subject":    {"subject.en", "{{.Password}}", 1, "the subject must not contain the password"},
		"empty":                      {"text", " \n", 0, "the text is empty"},
		"empty once rendered":        {"subject", `{{if eq .Locale "fr"}}{{else}}x{{end}}`, 0, "the subject is empty"},
		"markup that cannot be made safe": {
			"html", "<p>\n<a href=\"{{if .Name}}x\"{{end}}>\n", 2, "end in different contexts",
		},
		"fails on content":   {"text", "a\n{{index .Name 1000}}", 2, "index out of range"},
		"loop":               {"text", "a\n{{range 1000000000000}}{{end}}", 2, "range, template and block are not available"},
		"recursion":          {"text", "{{define \"a\"}}\n{{template \"a\"}}{{end}}x", 2, "range, template and block"},
		"doubling":           {"text", "{{$a := .Name}}" + strings.Repeat(`{{$a = print $a $a}}`, 40), 1, "more than 16 KiB"},
		"wide printf":        {"html", `{{printf "%999999d" 1}}`, 1, "a printf width"},
		"numbered printf":    {"text", `{{printf "%[1]s" .Name}}`, 1, "a printf width"},
		"larger than a part": {"text", strings.Repeat("x", maxPartBytes) + "{{.Name}}", 0, "longer than 1 MiB"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			templates, err := NewTemplates(map[string]string{test.key: test.source})
			var problem *TemplateError
			if templates != nil || !errors.As(err, &problem) {
				t.Fatalf("got %v and error %v, want a *TemplateError", templates, err)
			}
			if problem.Key != test.key || problem.Line != test.line || !strings.Contains(problem.Problem, test.problem) {
				t.Errorf("got key %q, line %d, problem %q; want %q, %d, %q",
					problem.Key, problem.Line, problem.Problem, test.key, test.line, test.problem)
			}
			if strings.ContainsAny(err.Error(), "\r\n") || strings.Contains(err.Error(), "not-a-real-password") || len(err.Error()) > 400 {
				t.Errorf("error is not a short line without a password: %.500q", err.Error())
			}
		})
	}
}

func TestTemplateErrorNamesKeyLineAndFields(t *testing.T) {
	t.Parallel()
	_, err := NewTemplates(map[string]string{"text.fr": "Bonjour\n{{.Nom}}"})
	want := `mail template "text.fr", line 2: there is no field .Nom: use one of .ContactCenter, .LoginURL, .Name, ` +
		`.Nickname, .Email, .Username, .Password, .Locale`
	if err == nil || err.Error() != want {
		t.Errorf("error is %v, want %s", err, want)
	}
}

func TestTemplatePrecedenceIsLocaleThenGeneralThenDefault(t *testing.T) {
	t.Parallel()
	templates, err := NewTemplates(map[string]string{
		"text":       "for all: {{.Password}}",
		"text.fr":    "pour la France : {{.Password}}",
		"subject.id": "khusus",
	})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ locale, text, subject string }{
		"own for the locale":         {"fr", "pour la France : " + examplePassword, "Vos identifiants de connexion – Acme Support"},
		"own for all":                {"en", "for all: " + examplePassword, "Your login for Acme Support"},
		"own subject for the locale": {"id", "for all: " + examplePassword, "khusus"},
		"Rollcall's subject":         {"zh-CN", "for all: " + examplePassword, "您在“Acme Support”的登录信息"},
		"unknown locale":             {"de", "for all: " + examplePassword, "Your login for Acme Support"},
		"no locale":                  {"", "for all: " + examplePassword, "Your login for Acme Support"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := receive(t, templates, exampleEnvelope(), exampleContent(test.locale))
			subject, err := new(mime.WordDecoder).DecodeHeader(got.header.Get("Subject"))
			if err != nil || got.text != test.text || subject != test.subject {
				t.Errorf("got %q and subject %q (%v)", got.text, subject, err)
			}
			if !strings.Contains(got.page, "<dl ") {
				t.Error("the page is not Rollcall's own")
			}
		})
	}
}

func TestCustomTemplatesMayUseTheStandardFunctions(t *testing.T) {
	t.Parallel()
	templates, err := NewTemplates(map[string]string{
		"subject": "  {{- /* a comment */ -}} Two\r\n  lines for {{.ContactCenter | printf \"%-20s|\"}}\n",
		"text":    `{{with .Nickname}}{{.}} {{$.Name}}{{end}} {{urlquery .Name}} {{if and (ne .Locale "fr") .Email}}{{.Password}}{{else}}-{{end}}`,
		"html":    `<p title="{{.Nickname}}">{{.Name | html}}{{print .Username " " .Password}}</p>`,
	})
	if err != nil {
		t.Fatal(err)
	}
	content := exampleContent("en")
	content.Nickname = `"<b>`
	got := receive(t, templates, exampleEnvelope(), content)
	if subject := got.header.Get("Subject"); subject != "Two lines for Acme Support |" {
		t.Errorf("subject is %q", subject)
	}
	if want := `"<b> Ana Ruiz-Müller Ana+Ruiz-M%C3%BCller ` + examplePassword; got.text != want {
		t.Errorf("text is %q, want %q", got.text, want)
	}
	if read := parsePage(t, got.page); read.text != content.Name+content.Username+" "+content.Password {
		t.Errorf("page reads %q", read.text)
	}
}

func TestTemplateErrorAtRenderingHasNoPassword(t *testing.T) {
	t.Parallel()
	templates, err := NewTemplates(map[string]string{"text": "\n{{slice .Name 0 4}}"})
	if err != nil {
		t.Fatal(err)
	}
	content := exampleContent("en")
	content.Name, content.Password = "Li", "range"
	_, err = templates.Message(exampleEnvelope(), content)
	var problem *TemplateError
	if !errors.As(err, &problem) || problem.Key != "text" || problem.Line != 2 || strings.Contains(err.Error(), "range") {
		t.Errorf("error is %v", err)
	}
}

func TestCustomTemplatesDoNotChangeTheDefaults(t *testing.T) {
	t.Parallel()
	if _, err := NewTemplates(map[string]string{"text": "own {{.Password}}"}); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, DefaultTemplates(), exampleEnvelope(), exampleContent("en")); strings.Contains(got.text, "own ") {
		t.Error("a custom template changed the defaults")
	}
}
