// Package architecture compares the documentation for contributors with the code: the
// package diagram, the list of packages, and the links to functions.
package architecture

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	// root is the folder of the module.
	root = "../.."
	// module is the path of the module in imports.
	module = "rollcall.dev/rollcall/"
	// page is the file with the package diagram.
	page = "docs/architecture.md"
	// diagramMarker is the comment that marks the package diagram among the diagrams of the page.
	diagramMarker = "%% test/architecture compares this diagram with the imports."
	// omitted is left out of the diagram, because nearly every package imports it.
	omitted = "api/v1alpha1"
)

// grouped are the folders that are one node of the diagram together with all folders below them.
var grouped = []string{"cmd/kubectl-member"}

// sources are the files and folders whose imports the diagram shows.
var sources = []string{"api", "internal", "controllers", "cmd", "main.go"}

// edges maps each package to the packages that it imports.
type edges map[string]map[string]bool

func (e edges) add(from, to string) {
	if e[from] == nil {
		e[from] = map[string]bool{}
	}
	if to != "" {
		e[from][to] = true
	}
}

// missingFrom returns the edges of e that other does not have, as lines.
func (e edges) missingFrom(other edges) []string {
	var lines []string
	for from, targets := range e {
		for to := range targets {
			if !other[from][to] {
				lines = append(lines, fmt.Sprintf("\t%s --> %s", from, to))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

// String returns the edges in Mermaid's language, one line for each importing package.
func (e edges) String() string {
	lines := []string{"  " + diagramMarker}
	for _, from := range slices.SortedFunc(maps.Keys(e), fromTopToBottom) {
		if targets := slices.Sorted(maps.Keys(e[from])); len(targets) > 0 {
			lines = append(lines, "  "+from+" --> "+strings.Join(targets, " & "))
		}
	}
	return strings.Join(lines, "\n")
}

// fromTopToBottom orders packages by their layer, then by name.
func fromTopToBottom(a, b string) int {
	layer := func(name string) int {
		folder, _, _ := strings.Cut(name, "/")
		return slices.Index([]string{"main.go", "cmd", "controllers", "internal"}, folder)
	}
	return cmp.Or(cmp.Compare(layer(a), layer(b)), strings.Compare(a, b))
}

func TestThePackageDiagramShowsTheRealImports(t *testing.T) {
	t.Parallel()
	actual, drawn := actualEdges(t), drawnEdges(t)
	missing, gone := actual.missingFrom(drawn), drawn.missingFrom(actual)
	if len(missing) > 0 {
		t.Errorf("The diagram in %s lacks these imports:\n%s", page, strings.Join(missing, "\n"))
	}
	if len(gone) > 0 {
		t.Errorf("The diagram in %s shows imports that do not exist:\n%s", page, strings.Join(gone, "\n"))
	}
	if t.Failed() {
		t.Errorf("If the new imports are right, replace the edges of the diagram with:\n%s", actual)
	}
}

func TestThePageDescribesEveryPackage(t *testing.T) {
	t.Parallel()
	text := readFile(t, page)
	for _, name := range slices.Sorted(maps.Keys(actualEdges(t))) {
		if !strings.Contains(text, "`"+name+"`") {
			t.Errorf("%s does not describe the package `%s`: add it to the table of packages", page, name)
		}
	}
}

// actualEdges reads the imports of the module's packages, without their tests. Every package is a key.
func actualEdges(t *testing.T) edges {
	t.Helper()
	found := edges{}
	for _, source := range sources {
		err := filepath.WalkDir(filepath.Join(root, source), func(file string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "testdata" {
				return fs.SkipDir
			}
			if entry.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
				return nil
			}
			return addImports(found, file)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

// addImports adds the edges of one file.
func addImports(found edges, file string) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(root, file)
	if err != nil {
		return err
	}
	from := path.Dir(filepath.ToSlash(relative))
	if from == "." {
		from = "main.go"
	}
	from = node(from)
	found.add(from, "")
	for _, spec := range parsed.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		to, isOurs := strings.CutPrefix(imported, module)
		if to = node(to); isOurs && to != omitted && to != from {
			found.add(from, to)
		}
	}
	return nil
}

// node returns the node of the diagram that shows a package.
func node(folder string) string {
	for _, group := range grouped {
		if strings.HasPrefix(folder, group+"/") {
			return group
		}
	}
	return folder
}

// drawnEdges reads the edges of the diagram.
func drawnEdges(t *testing.T) edges {
	t.Helper()
	_, rest, found := strings.Cut(readFile(t, page), diagramMarker)
	diagram, _, closed := strings.Cut(rest, "```")
	if !found || !closed {
		t.Fatalf("%s has no diagram with the line %q", page, diagramMarker)
	}
	drawn := edges{}
	for line := range strings.Lines(diagram) {
		from, targets, isEdge := strings.Cut(line, "-->")
		if !isEdge {
			continue
		}
		for to := range strings.SplitSeq(targets, "&") {
			drawn.add(strings.TrimSpace(from), strings.TrimSpace(to))
		}
	}
	return drawn
}

// readFile returns the text of a file of the module.
func readFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
