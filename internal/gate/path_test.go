package gate_test

import (
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

func TestPathsAreParsedAsSent(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/verify/support/any":                            "verify support any",
		"/verify/support/any/":                           "verify support any",
		"/verify/support/workbench/../console":           "verify support workbench",
		"/verify/support/workbench/%2e%2e/console":       "verify support workbench",
		"/verify/support/workbench//console":             "verify support workbench",
		"/verify/support/workbench/%":                    "verify support workbench",
		"/verify/support/workbench/verify/other/console": "verify support workbench",
		"/verify/support/" + strings.Repeat("p", 63):     "verify support " + strings.Repeat("p", 63),
		"/login/support":                                 "login support ",
		"/logout/support":                                "logout support ",
		"/whoami/support":                                "whoami support ",

		"":                          "",
		"*":                         "",
		"/":                         "",
		"verify/support/any":        "",
		"//verify/support/any":      "",
		"/./verify/support/any":     "",
		"/Verify/support/any":       "",
		"/verify":                   "",
		"/verify/":                  "",
		"/verify/support":           "",
		"/verify/support/":          "",
		"/verify/support//any":      "",
		"/verify//any":              "",
		"/verify/support/any%2fx":   "",
		"/verify/support/an%79":     "",
		"/verify/s%75pport/any":     "",
		"/verify/support%2fany/any": "",
		"/verify/support%00/any":    "",
		"/verify/Support/any":       "",
		"/verify/support./any":      "",
		"/verify/../any":            "",
		"/verify/support/..":        "",
		"/verify/support/any*":      "",
		"/verify/support/-any":      "",
		"/verify/support/any-":      "",
		"/verify/support/any;a=b":   "",
		"/verify/support/" + strings.Repeat("p", 64): "",
		"/login/support/":     "",
		"/login/support/more": "",
		"/login/":             "",
		"/login":              "",
		"/logout/support/":    "",
		"/whoami/support/":    "",
		"/whoami/support/ana": "",
		"/whoami/s%75pport":   "",
		"/whoami":             "",
		"/healthz":            "",
	} {
		got := ""
		if target, ok := gate.ParsePath(path); ok {
			endpoint, namespace, policy := target.Parts()
			got = endpoint + " " + namespace + " " + policy
		}
		if got != want {
			t.Errorf("the path %q is read as %q, not %q", path, got, want)
		}
	}
}

func FuzzThePathAfterAPolicyDoesNotChangeIt(f *testing.F) {
	for _, seed := range []string{"/verify/support/any", "/verify/a/b/../c", "/verify/%2f/any", "/login/a", "/whoami/a", "/logout/a/", "//", ""} {
		f.Add(seed, "/../console")
	}
	f.Fuzz(func(t *testing.T, path, below string) {
		before, ok := gate.ParsePath(path)
		if !ok {
			return
		}
		endpoint, namespace, policy := before.Parts()
		if !gate.IsLabel(namespace) || !strings.HasPrefix(path, "/"+endpoint+"/"+namespace) {
			t.Fatalf("%q is read as namespace %q of %q", path, namespace, endpoint)
		}
		if endpoint != "verify" {
			if path != "/"+endpoint+"/"+namespace {
				t.Fatalf("%q passes for %q of %q", path, endpoint, namespace)
			}
			return
		}
		if !gate.IsLabel(policy) || !strings.HasPrefix(path+"/", "/verify/"+namespace+"/"+policy+"/") {
			t.Fatalf("%q is read as policy %q", path, policy)
		}
		if after, ok := gate.ParsePath(path + "/" + below); !ok || after != before {
			t.Fatalf("%q below %q makes it %v", below, path, after)
		}
	})
}
