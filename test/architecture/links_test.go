package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// linkingPages are the pages whose links into the repository are checked.
var linkingPages = []string{page, "CONTRIBUTING.md", "README.md", "docs/development.md"}

// link matches a Markdown link. Its groups are the text, and the target without a fragment.
var link = regexp.MustCompile(`\[([^\]]+)\]\(([^)#\s]+)(?:#[^)\s]*)?\)`)

// identifier matches a link text that is the name of a declaration, such as `For` or `Outbox.Post`.
var identifier = regexp.MustCompile("^`([A-Za-z_]\\w*(?:\\.[A-Za-z_]\\w*)?)`$")

func TestLinksLeadToFilesThatDeclareWhatTheLinksName(t *testing.T) {
	t.Parallel()
	for _, from := range linkingPages {
		for _, match := range link.FindAllStringSubmatch(readFile(t, from), -1) {
			text, target := match[1], match[2]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			file := path.Join(path.Dir(from), target)
			if _, err := os.Stat(filepath.Join(root, file)); err != nil {
				t.Errorf("%s links [%s] to %s, which does not exist", from, text, file)
				continue
			}
			name := identifier.FindStringSubmatch(text)
			if name != nil && path.Ext(file) == ".go" && !declares(t, file, name[1]) {
				t.Errorf("%s links [%s] to %s, which does not declare it", from, text, file)
			}
		}
	}
}

// declares reports whether a Go file declares a function, a type, a variable, a constant, a method
// (Method or Type.Method), or a field Type.Field.
func declares(t *testing.T, file, name string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	for _, declaration := range parsed.Decls {
		switch declaration := declaration.(type) {
		case *ast.FuncDecl:
			if declaration.Name.Name == name || methodName(declaration) == name {
				return true
			}
		case *ast.GenDecl:
			for _, spec := range declaration.Specs {
				if specDeclares(spec, name) {
					return true
				}
			}
		}
	}
	return false
}

// methodName returns Type.Method for a method, and nothing for a function.
func methodName(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return ""
	}
	receiver := function.Recv.List[0].Type
	if pointer, ok := receiver.(*ast.StarExpr); ok {
		receiver = pointer.X
	}
	if named, ok := receiver.(*ast.Ident); ok {
		return named.Name + "." + function.Name.Name
	}
	return ""
}

// specDeclares reports whether a specification declares a name, or a field Type.Field.
func specDeclares(spec ast.Spec, name string) bool {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		return hasName(spec.Names, name)
	case *ast.TypeSpec:
		if spec.Name.Name == name {
			return true
		}
		structure, isStruct := spec.Type.(*ast.StructType)
		field, isField := strings.CutPrefix(name, spec.Name.Name+".")
		if !isStruct || !isField {
			return false
		}
		for _, candidate := range structure.Fields.List {
			if hasName(candidate.Names, field) {
				return true
			}
		}
	}
	return false
}

func hasName(identifiers []*ast.Ident, name string) bool {
	return slices.ContainsFunc(identifiers, func(identifier *ast.Ident) bool { return identifier.Name == name })
}
