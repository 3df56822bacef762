package mail

import (
	"errors"
	"fmt"
	"regexp"
	texttemplate "text/template"
)

// maxFunctionBytes is the most text that one template function accepts.
const maxFunctionBytes = 16 << 10

var (
	errTextTooLong = errors.New("a function has more than 16 KiB of text: split the text")
	errWidth       = errors.New("a printf width has more than two digits, comes from an argument, or numbers an argument: " +
		"use a fixed width below 100")
)

// unboundedWidth matches printf directives that may expand a short text to a long one.
var unboundedWidth = regexp.MustCompile(`%[-+# 0-9.]*([0-9]{3}|[*\[])`)

// boundedFunctions replaces the functions of text/template that return text.
// Applied to their own results, those can double the text each time, and exhaust
// memory long before maxPartBytes is reached.
var boundedFunctions = texttemplate.FuncMap{
	"html":     bounded(texttemplate.HTMLEscaper),
	"js":       bounded(texttemplate.JSEscaper),
	"urlquery": bounded(texttemplate.URLQueryEscaper),
	"print":    bounded(fmt.Sprint),
	"println":  bounded(fmt.Sprintln),
	"printf":   boundedPrintf,
}

// bounded returns the function with a limit of maxFunctionBytes for its arguments.
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

// boundedPrintf is printf with limits for arguments and widths.
func boundedPrintf(format string, arguments ...any) (string, error) {
	if unboundedWidth.MatchString(format) {
		return "", errWidth
	}
	return bounded(func(arguments ...any) string {
		return fmt.Sprintf(format, arguments[1:]...)
	})(append([]any{format}, arguments...)...)
}
