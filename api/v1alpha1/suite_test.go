package v1alpha1_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

// crdFolder has the CustomResourceDefinitions that this suite tests.
var crdFolder = filepath.Join("..", "..", "config", "crd", "bases")

// shared is the API server that all tests share. Every test uses names of its own, or
// only asks for a dry run, in which all rules apply and nothing is stored.
var shared testenv.Shared

// server is its config and client, once needServer has returned.
var server struct {
	start  sync.Once
	config *rest.Config
	client client.Client
}

func TestMain(m *testing.M) {
	os.Exit(shared.Run(m)) //nolint:forbidigo // a TestMain ends this way
}

// needServer skips a test that asks the API server where `go test -short`
// started none.
func needServer(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an API server, which -short leaves out")
	}
	cluster := shared.Cluster(t)
	server.start.Do(func() { server.config, server.client = cluster.Config, cluster.Admin })
}

// fields maps a path such as spec.mail.smtp.host to a value; nil removes.
type fields map[string]any

// object returns an object of the kind with the sets of fields laid over each
// other in their order.
func object(t *testing.T, kind, name string, sets ...fields) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	u.SetNamespace("default")
	u.SetName(name)
	for _, set := range sets {
		change(t, u, set)
	}
	return u
}

func change(t *testing.T, u *unstructured.Unstructured, set fields) {
	t.Helper()
	for path, value := range set {
		steps := strings.Split(path, ".")
		if value == nil {
			unstructured.RemoveNestedField(u.Object, steps...)
			continue
		}
		if err := unstructured.SetNestedField(u.Object, value, steps...); err != nil {
			t.Fatalf("setting %s: %v", path, err)
		}
	}
}

// ruleTest is one answer of the API server to a create request.
type ruleTest struct {
	name string
	// set is laid over the valid object of the table.
	set fields
	// want is part of the message of the refusal; empty: it is accepted.
	want string
}

// runRules creates, in a dry run, the valid object with each test's fields.
func runRules(t *testing.T, kind, name string, valid fields, tests []ruleTest) {
	t.Helper()
	needServer(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := object(t, kind, name, valid, test.set)
			check(t, server.client.Create(t.Context(), u, client.DryRunAll), test.want)
		})
	}
}

// transitionTest is one answer of the API server to an update request.
type transitionTest struct {
	name string
	// before is laid over the valid object, which is created; after is laid
	// over that.
	before, after fields
	// want is part of the message of the refusal; empty: it is accepted.
	want string
}

func runTransitions(t *testing.T, kind, prefix string, valid fields, tests []transitionTest) {
	t.Helper()
	needServer(t)
	for i, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			u := object(t, kind, fmt.Sprintf("%s-%d", prefix, i), valid, test.before)
			create(t, u)
			change(t, u, test.after)
			check(t, server.client.Update(t.Context(), u), test.want)
		})
	}
}

func create(t *testing.T, u *unstructured.Unstructured) {
	t.Helper()
	if err := server.client.Create(t.Context(), u); err != nil {
		t.Fatalf("creating %s %s: %v", u.GetKind(), u.GetName(), err)
	}
}

func check(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("refused, want it accepted: %v", err)
	case want != "" && err == nil:
		t.Errorf("accepted, want it refused with %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("refused with %q, want a message that has %q", err, want)
	}
}

// checkDefaults creates an object in a dry run and compares fields of the answer.
func checkDefaults(t *testing.T, u *unstructured.Unstructured, want fields) {
	t.Helper()
	if err := server.client.Create(t.Context(), u, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	for path, value := range want {
		got, _, err := unstructured.NestedFieldNoCopy(u.Object, strings.Split(path, ".")...)
		if err != nil {
			t.Fatal(err)
		}
		if got != value {
			t.Errorf("%s is %v, want %v", path, got, value)
		}
	}
}

// named returns n list entries with the names a0, a1 and so on.
func named(n int) []any {
	entries := make([]any, n)
	for i := range entries {
		entries[i] = map[string]any{"name": fmt.Sprintf("a%d", i)}
	}
	return entries
}
