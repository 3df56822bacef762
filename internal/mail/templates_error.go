package mail

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// TemplateError says what is wrong with an own template, in words for the
// person who wrote it. It never has a password in it.
type TemplateError struct {
	// Key of the template, such as text.fr.
	Key string
	// Line in the template, from 1; 0 if the problem is with the whole of it.
	Line int
	// Problem is what is wrong and what to do about it.
	Problem string
}

// Error names the key, the line and the problem.
func (e *TemplateError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("mail template %q: %s", e.Key, e.Problem)
	}
	return fmt.Sprintf("mail template %q, line %d: %s", e.Key, e.Line, e.Problem)
}

var (
	// engineError takes the errors of text/template and html/template apart:
	// where (a template's name, a line, often a column), then the problem.
	engineError = regexp.MustCompile(`(?s)(?:html/)?template: ?[^:\s]+(?::(\d+))?(?::\d+)?: (?:executing "[^"]*" at )?(.*)$`)
	// startedAt is where something began that has no end: the line to look at.
	startedAt = regexp.MustCompile(` started at [^:\s]+:(\d+)$`)
)

// newTemplateError puts an error of a template engine into plain words.
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
	result.Problem = oneLine(result.Problem) + ": correct it, or remove the key so that Rollcall's own is used"
	return result
}

// lineNumber is 0 for anything but a number.
func lineNumber(digits string) int {
	line, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return line
}

// emptyProblem says that a part has no text.
func emptyProblem(part string) string {
	return "the " + part + " is empty: write one, or remove the key so that Rollcall's own is used"
}

// unknownKeyProblem says which keys exist.
func unknownKeyProblem() string {
	return "there is no such key: use subject, text or html, each alone or followed by a dot and a locale (" +
		strings.Join(locales, ", ") + "), for example text.fr"
}
