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
	"slices"
	"strings"
	"sync"
	texttemplate "text/template"
	"text/template/parse"
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
	// parts is by locale, then by part.
	parts map[string]map[string]*partTemplate
}

// partTemplate is the template of one part.
type partTemplate struct {
	key     string // as administrators name it, such as text.fr
	execute func(io.Writer, any) error
}

// DefaultTemplates returns Rollcall's own templates.
func DefaultTemplates() *Templates {
	return defaultTemplates()
}

var defaultTemplates = sync.OnceValue(func() *Templates {
	templates := &Templates{parts: make(map[string]map[string]*partTemplate, len(locales))}
	for _, locale := range locales {
		templates.parts[locale] = make(map[string]*partTemplate, len(partFiles))
		for part, file := range partFiles {
			source, err := templateFiles.ReadFile("templates/" + locale + "/" + file)
			if err == nil {
				templates.parts[locale][part], err = newPartTemplate(part+"."+locale, part, string(source))
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
	return overlay(parsed), nil
}

// overlay selects for each locale and part the custom template for this locale,
// the custom one for all locales, or Rollcall's own.
func overlay(custom map[string]*partTemplate) *Templates {
	templates := &Templates{parts: make(map[string]map[string]*partTemplate, len(locales))}
	for locale, parts := range DefaultTemplates().parts {
		selected := maps.Clone(parts)
		for part := range selected {
			selected[part] = cmp.Or(custom[part+"."+locale], custom[part], selected[part])
		}
		templates.parts[locale] = selected
	}
	return templates
}

// newPartTemplate parses and checks one template.
func newPartTemplate(key, part, source string) (*partTemplate, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &TemplateError{Key: key, Problem: emptyProblem(part)}
	}
	trees, execute, err := parseTemplate(key, part, source)
	if err != nil {
		return nil, newTemplateError(key, err)
	}
	for _, tree := range trees {
		if err := checkTree(key, part, tree); err != nil {
			return nil, err
		}
	}
	return &partTemplate{key: key, execute: execute}, nil
}

// parseTemplate parses with the engine of the part: only html/template escapes
// values for their place in the page.
func parseTemplate(key, part, source string) ([]*parse.Tree, func(io.Writer, any) error, error) {
	var trees []*parse.Tree
	if part == partHTML {
		template, err := htmltemplate.New(key).Funcs(boundedFunctions).Parse(source)
		if err != nil {
			return nil, nil, fmt.Errorf("parsing: %w", err)
		}
		for _, defined := range template.Templates() {
			trees = append(trees, defined.Tree)
		}
		return trees, template.Execute, nil
	}
	template, err := texttemplate.New(key).Funcs(boundedFunctions).Parse(source)
	if err != nil {
		return nil, nil, fmt.Errorf("parsing: %w", err)
	}
	for _, defined := range template.Templates() {
		trees = append(trees, defined.Tree)
	}
	return trees, template.Execute, nil
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
