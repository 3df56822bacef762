package v1alpha1_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// crdFolder holds the CustomResourceDefinitions under test.
var crdFolder = filepath.Join("..", "..", "config", "crd", "bases")

// server is the API server that all tests share. Each test uses its own object
// names, or dry runs, in which all rules apply and nothing is stored.
var server struct {
	config *rest.Config
	client client.Client
}

func TestMain(m *testing.M) {
	flag.Parse()
	if testing.Short() {
		m.Run()
		return
	}
	if err := runWithServer(m); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:forbidigo // no test is running that could fail
	}
}

func runWithServer(m *testing.M) (err error) {
	ctx, cancel := context.WithCancel(context.Background()) //nolint:forbidigo // no test is running that has a context
	defer cancel()
	plane, err := controlplane.Start(ctx, controlplane.Options{CRDs: []string{crdFolder}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, plane.Stop()) }()
	server.config = plane.Config
	if server.client, err = client.New(plane.Config, client.Options{}); err != nil {
		return err
	}
	m.Run()
	return nil
}

// needServer skips a test that needs the API server if `go test -short` started
// none.
func needServer(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs an API server, which -short leaves out")
	}
}

// fields maps paths such as spec.mail.smtp.host to values; nil removes the field.
type fields map[string]any

// object returns an object of the kind, with the sets of fields applied in order.
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

// ruleTest is a create request and the expected response of the API server.
type ruleTest struct {
	name string
	// set is applied to the valid object of the table.
	set fields
	// want is part of the error message; if empty, the request must succeed.
	want string
}

// runRules creates the valid object with the fields of each test, in a dry run.
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

// transitionTest is an update request and the expected response of the API server.
type transitionTest struct {
	name string
	// before is applied to the valid object before it is created, and after to
	// the created object.
	before, after fields
	// want is part of the error message; if empty, the request must succeed.
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
		t.Errorf("the request failed, want success: %v", err)
	case want != "" && err == nil:
		t.Errorf("the request succeeded, want the error %q", want)
	case want != "" && !strings.Contains(err.Error(), want):
		t.Errorf("the error is %q, want it to contain %q", err, want)
	}
}

// checkDefaults creates an object in a dry run and compares fields of the response.
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
