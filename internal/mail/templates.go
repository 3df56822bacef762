package mail

import (
	"bytes"
	"cmp"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	texttemplate "text/template"
)

// The parts of an e-mail, as the keys of custom templates name them.
const (
	partSubject = "subject"
	partText    = "text"
	partHTML    = "html"
)

// maxPartBytes is the most that a template may write: far more than any e-mail
// needs, and little enough that a faulty template cannot exhaust memory.
const maxPartBytes = 1 << 20

var errPartTooLarge = errors.New("the e-mail is longer than 1 MiB: shorten the template")

// partFiles maps each part to its file under templates/<locale>/.
var partFiles = map[string]string{
	partSubject: "subject.txt",
	partText:    "text.txt",
	partHTML:    "message.html",
}

//go:embed templates
var templateFiles embed.FS

// Templates is a complete and checked set of templates: every part of an e-mail in
// every language. It never changes, so it is safe for concurrent use.
type Templates struct {
	// parts is by part and locale, such as text.fr.
	parts map[string]*partTemplate
}

// partTemplate is the template of one part.
type partTemplate struct {
	key     string // as administrators name it, such as text.fr
	execute func(io.Writer, any) error
}

// DefaultTemplates returns Rollcall's own templates.
var DefaultTemplates = sync.OnceValue(func() *Templates {
	templates := &Templates{parts: map[string]*partTemplate{}}
	for _, locale := range locales {
		for part, file := range partFiles {
			source, err := templateFiles.ReadFile("templates/" + locale + "/" + file)
			key := part + "." + locale
			if err == nil {
				templates.parts[key], err = newPartTemplate(key, part, string(source))
			}
			if err != nil {
				panic(err) // a defect that every test finds
			}
		}
	}
	return templates
})

// NewTemplates combines custom templates with Rollcall's own. The keys are subject,
// text, and html, each optionally with a locale, such as text.fr. For an e-mail in
// French, text.fr comes first, then text, then Rollcall's own.
//
// Every template is tried with sample content in every language that it is for.
// The error is a *TemplateError about the first faulty key in alphabetical order.
func NewTemplates(custom map[string]string) (*Templates, error) {
	parsed := make(map[string]*partTemplate, len(custom))
	for _, key := range slices.Sorted(maps.Keys(custom)) {
		part, locale, found := strings.Cut(key, ".")
		if partFiles[part] == "" || (found && !slices.Contains(locales, locale)) {
			return nil, &TemplateError{Key: key, Problem: unknownKeyProblem()}
		}
		template, err := newPartTemplate(key, part, custom[key])
		if err != nil {
			return nil, err
		}
		tried := locales
		if found {
			tried = []string{locale}
		}
		for _, locale := range tried {
			if err := template.try(part, locale); err != nil {
				return nil, err
			}
		}
		parsed[key] = template
	}
	templates := &Templates{parts: map[string]*partTemplate{}}
	for key, own := range DefaultTemplates().parts {
		part, _, _ := strings.Cut(key, ".")
		templates.parts[key] = cmp.Or(parsed[key], parsed[part], own)
	}
	return templates, nil
}

// newPartTemplate parses and checks one template.
func newPartTemplate(key, part, source string) (*partTemplate, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &TemplateError{Key: key, Problem: emptyProblem(part)}
	}
	template, err := texttemplate.New(key).Funcs(boundedFunctions).Parse(source)
	if err != nil {
		return nil, newTemplateError(key, err)
	}
	for _, defined := range template.Templates() {
		if err := checkTree(key, part, defined.Tree); err != nil {
			return nil, err
		}
	}
	if part != partHTML {
		return &partTemplate{key: key, execute: template.Execute}, nil
	}
	// Only html/template escapes values for their place in the page.
	page, err := htmltemplate.New(key).Funcs(boundedFunctions).Parse(source)
	if err != nil {
		return nil, newTemplateError(key, err)
	}
	return &partTemplate{key: key, execute: page.Execute}, nil
}

// try renders the template with sample content.
func (t *partTemplate) try(part, locale string) error {
	rendered, err := t.render(Content{
		ContactCenter: "Example Contact Center",
		LoginURL:      "https://login.example.com/",
		Name:          "Alex Example",
		Nickname:      "Alex",
		Email:         "alex@example.com",
		Username:      "alex@example.com",
		Password:      "not-a-real-password",
		Locale:        locale,
	})
	if err != nil {
		return err
	}
	if oneLine(rendered) == "" {
		return &TemplateError{Key: t.key, Problem: emptyProblem(part)}
	}
	return nil
}

// render executes the template. Its error is a *TemplateError without the password.
func (t *partTemplate) render(content Content) (string, error) {
	var rendered limitedBuffer
	if err := t.execute(&rendered, content); err != nil {
		problem := newTemplateError(t.key, err)
		if content.Password != "" {
			problem.Problem = strings.ReplaceAll(problem.Problem, content.Password, "[password]")
		}
		return "", problem
	}
	return rendered.String(), nil
}

// limitedBuffer is a buffer of at most maxPartBytes.
type limitedBuffer struct {
	bytes.Buffer
}

// Write appends data, or fails with errPartTooLarge.
func (b *limitedBuffer) Write(data []byte) (int, error) {
	if b.Len()+len(data) > maxPartBytes {
		return 0, errPartTooLarge
	}
	return b.Buffer.Write(data) //nolint:wrapcheck // The error of a bytes.Buffer is always nil.
}

// TemplateError is a problem with a custom template, in words for its author. It
// never contains a password.
type TemplateError struct {
	// Key of the template, such as text.fr.
	Key string
	// Line in the template, from 1; 0 if the problem concerns all of it.
	Line int
	// Problem is what is wrong and what to do about it.
	Problem string
}

// Error returns the key, the line, and the problem.
func (e *TemplateError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mail template %q: %s", e.Key, e.Problem)
	}
	return fmt.Sprintf("mail template %q, line %d: %s", e.Key, e.Line, e.Problem)
}

var (
	// engineError splits the errors of text/template and html/template: the place
	// (a template's name, a line, often a column), then the problem.
	engineError = regexp.MustCompile(`(?s)(?:html/)?template: ?[^:\s]+(?::(\d+))?(?::\d+)?: (?:executing "[^"]*" at )?(.*)$`)
	// startedAt is the line where an unclosed element starts.
	startedAt = regexp.MustCompile(` started at [^:\s]+:(\d+)$`)
)

// newTemplateError converts an error of a template engine.
func newTemplateError(key string, err error) *TemplateError {
	if errors.Is(err, errPartTooLarge) {
		return &TemplateError{Key: key, Problem: errPartTooLarge.Error()}
	}
	result := &TemplateError{Key: key, Problem: err.Error()}
	if match := engineError.FindStringSubmatch(err.Error()); match != nil {
		result.Line, result.Problem = lineNumber(match[1]), match[2]
	}
	if match := startedAt.FindStringSubmatch(result.Problem); match != nil {
		result.Line = lineNumber(match[1])
		result.Problem = strings.TrimSuffix(result.Problem, match[0])
	}
	result.Problem = oneLine(result.Problem) + ": correct it, or remove the key to use Rollcall's own template"
	return result
}

// lineNumber returns 0 for anything but a number.
func lineNumber(digits string) int {
	line, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return line
}

// emptyProblem returns the problem of a part without text.
func emptyProblem(part string) string {
	return "the " + part + " is empty: write one, or remove the key to use Rollcall's own template"
}

// unknownKeyProblem returns the problem of an unknown key, and lists the keys.
func unknownKeyProblem() string {
	return "there is no such key: use subject, text or html, each alone or followed by a dot and a locale (" +
		strings.Join(locales, ", ") + "), for example text.fr"
}
