package mail

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

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
