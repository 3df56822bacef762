package mail

import (
	"errors"
	"fmt"
	"regexp"
	texttemplate "text/template"
)

// maxFunctionBytes is the most text that one function of a template takes.
const maxFunctionBytes = 16 << 10

var (
	errTextTooLong = errors.New("more than 16 KiB of text in one function: write less in one place")
	errWidth       = errors.New("a printf width of more than two digits, from an argument or with an argument's number: " +
		"use a smaller, fixed one")
)

// unboundedWidth finds the printf directives that make much of little.
var unboundedWidth = regexp.MustCompile(`%[-+# 0-9.]*([0-9]{3}|[*\[])`)

// boundedFunctions take the place of the functions of text/template that make
// text. Applied to their own results, those double it each time, so that a few
// lines of template would fill the memory long before maxPartBytes is reached.
var boundedFunctions = texttemplate.FuncMap{
	"html":     bounded(texttemplate.HTMLEscaper),
	"js":       bounded(texttemplate.JSEscaper),
	"urlquery": bounded(texttemplate.URLQueryEscaper),
	"print":    bounded(fmt.Sprint),
	"println":  bounded(fmt.Sprintln),
	"printf":   boundedPrintf,
}

// bounded refuses more than maxFunctionBytes of arguments.
func bounded(function func(...any) string) func(...any) (string, error) {
	return func(arguments ...any) (string, error) {
		length := 0
		for _, argument := range arguments {
			length += len(fmt.Sprint(argument))
			if length > maxFunctionBytes {
				return "", errTextTooLong
			}
		}
		return function(arguments...), nil
	}
}

// boundedPrintf is printf with arguments and widths that are not excessive.
func boundedPrintf(format string, arguments ...any) (string, error) {
	if unboundedWidth.MatchString(format) {
		return "", errWidth
	}
	return bounded(func(arguments ...any) string {
		return fmt.Sprintf(format, arguments[1:]...)
	})(append([]any{format}, arguments...)...)
}
