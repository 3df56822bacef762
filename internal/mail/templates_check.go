package mail

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

// contentFields are the names that a template may use.
var contentFields = []string{
	"ContactCenter", "LoginURL", "Name", "Nickname", "Email", "Username", "Password", "Locale",
}

// checkTree finds what rendering with sample content cannot: a wrong name in a
// branch that is not taken, and loops. An e-mail has no lists, so range and
// template calls could only make it run forever.
func checkTree(key, part string, tree *parse.Tree) error {
	if tree == nil || tree.Root == nil {
		return nil
	}
	check := &treeCheck{key: key, part: part, tree: tree}
	check.node(tree.Root, true)
	return check.found
}

// treeCheck walks one parsed template and keeps the first problem.
type treeCheck struct {
	key, part string
	tree      *parse.Tree
	found     error // a *TemplateError
}

// node checks a node and everything in it. The dot is the Content there if content
// is true; inside a with it is another value.
func (c *treeCheck) node(node parse.Node, content bool) {
	switch node := node.(type) {
	case *parse.ListNode:
		if node != nil {
			checkEach(c, node.Nodes, content)
		}
	case *parse.ActionNode:
		c.node(node.Pipe, content)
	case *parse.PipeNode:
		checkEach(c, node.Cmds, content)
	case *parse.CommandNode:
		checkEach(c, node.Args, content)
	case *parse.IfNode:
		c.branch(&node.BranchNode, content, content)
	case *parse.WithNode:
		c.branch(&node.BranchNode, false, content)
	case *parse.RangeNode, *parse.TemplateNode:
		c.report(node, "range, template and block are not available, because an e-mail has no lists and no other templates: "+
			"write the text in full")
	default:
		c.name(node, content)
	}
}

// name checks a node that names a field.
func (c *treeCheck) name(node parse.Node, content bool) {
	switch node := node.(type) {
	case *parse.FieldNode:
		if content {
			c.field(node, node.Ident)
		}
	case *parse.VariableNode:
		if node.Ident[0] == "$" && len(node.Ident) > 1 {
			c.field(node, node.Ident[1:])
		}
	case *parse.ChainNode:
		c.node(node.Node, content)
	default:
	}
}

// branch checks a condition and both of its branches.
func (c *treeCheck) branch(node *parse.BranchNode, then, otherwise bool) {
	c.node(node.Pipe, otherwise)
	c.node(node.List, then)
	c.node(node.ElseList, otherwise)
}

// field checks the path of a field of Content.
func (c *treeCheck) field(node parse.Node, path []string) {
	switch {
	case !slices.Contains(contentFields, path[0]), len(path) > 1:
		c.report(node, "there is no field ."+strings.Join(path, ".")+": use one of ."+strings.Join(contentFields, ", ."))
	case c.part == partSubject && path[0] == "Password":
		c.report(node, "the subject must not contain the password, because mail servers log subjects: "+
			"use .Password in text and html only")
	}
}

// report keeps the first problem, with the line of the node.
func (c *treeCheck) report(node parse.Node, problem string) {
	if c.found != nil {
		return
	}
	// The location reads name:line:column; a key has no colon in it.
	location, _ := c.tree.ErrorContext(node)
	_, place, _ := strings.Cut(location, ":")
	line, _, _ := strings.Cut(place, ":")
	c.found = &TemplateError{Key: c.key, Line: lineNumber(line), Problem: problem}
}

// checkEach checks every node of a list.
func checkEach[N parse.Node](c *treeCheck, nodes []N, content bool) {
	for _, node := range nodes {
		c.node(node, content)
	}
}

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
