package v1alpha1_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// unbounded maps each field without a bound in the CRDs to the reason.
var unbounded = map[string]string{
	"SkillGroup.spec.selector.matchExpressions":     "metav1.LabelSelector, whose schema is Kubernetes' own",
	"MemberTemplate.spec.selector.matchExpressions": "metav1.LabelSelector, whose schema is Kubernetes' own",
}

// TestEveryStringAndListHasABound covers spec and status. Without bounds, the API
// server cannot estimate the cost of a CEL rule, and a user can fill etcd.
func TestEveryStringAndListHasABound(t *testing.T) {
	t.Parallel()
	left := maps.Clone(unbounded)
	for _, crd := range readCRDs(t) {
		for _, version := range crd.Spec.Versions {
			for _, part := range []string{"spec", "status"} {
				schema, found := version.Schema.OpenAPIV3Schema.Properties[part]
				if !found {
					t.Fatalf("%s has no %s", crd.Name, part)
				}
				checkBounds(t, crd.Spec.Names.Kind+"."+part, &schema, left)
			}
		}
	}
	for path := range left {
		t.Errorf("%s has a bound or does not exist: remove it from the list of exceptions", path)
	}
}

func checkBounds(t *testing.T, path string, schema *apiextensionsv1.JSONSchemaProps, left map[string]string) {
	t.Helper()
	if _, allowed := unbounded[path]; allowed {
		delete(left, path)
		return
	}
	switch schema.Type {
	case "string":
		// The format bounds a date-time, and the API server checks it.
		if schema.MaxLength == nil && len(schema.Enum) == 0 && schema.Format != "date-time" {
			t.Errorf("%s has neither maxLength nor enum", path)
		}
	case "array":
		if schema.MaxItems == nil {
			t.Errorf("%s has no maxItems", path)
		}
		checkBounds(t, path+"[]", schema.Items.Schema, left)
	case "object":
		if schema.AdditionalProperties != nil && !strings.HasSuffix(path, ".matchLabels") {
			t.Errorf("%s is a map, which cannot have a bound", path)
		}
		for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
			property := schema.Properties[name]
			checkBounds(t, path+"."+name, &property, left)
		}
	}
}

func TestGitOpsToolsDoNotPruneTheCRDs(t *testing.T) {
	t.Parallel()
	for _, crd := range readCRDs(t) {
		for key, want := range map[string]string{
			"kustomize.toolkit.fluxcd.io/prune": "disabled",
			"argocd.argoproj.io/sync-options":   "Prune=false,Delete=false",
		} {
			if got := crd.Annotations[key]; got != want {
				t.Errorf("%s has %s: %q, want %q", crd.Name, key, got, want)
			}
		}
	}
}

// TestEveryFieldHasADescription checks the texts of `kubectl explain`.
func TestEveryFieldHasADescription(t *testing.T) {
	t.Parallel()
	for _, crd := range readCRDs(t) {
		checkDescriptions(t, crd.Spec.Names.Kind, crd.Spec.Versions[0].Schema.OpenAPIV3Schema)
	}
}

func checkDescriptions(t *testing.T, path string, schema *apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	if schema.Items != nil {
		schema = schema.Items.Schema
	}
	for name := range schema.Properties {
		property := schema.Properties[name]
		if property.Description == "" && name != "metadata" {
			t.Errorf("%s.%s has no description", path, name)
		}
		checkDescriptions(t, path+"."+name, &property)
	}
}

func readCRDs(t *testing.T) []apiextensionsv1.CustomResourceDefinition {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(crdFolder, "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 8 {
		t.Fatalf("%d files in %s, want one for each of the eight resource kinds", len(files), crdFolder)
	}
	crds := make([]apiextensionsv1.CustomResourceDefinition, len(files))
	for i, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.UnmarshalStrict(text, &crds[i]); err != nil {
			t.Fatal(err)
		}
	}
	return crds
}
