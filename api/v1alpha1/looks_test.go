package v1alpha1_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestKindsShowTheirColumns(t *testing.T) {
	t.Parallel()
	needServer(t)
	// A number after the name is a column's priority: 1 is for -o wide only.
	tests := map[string][]string{
		"contactcenters": {"Name 0", "Ready 0", "Mail 0", "Members 0", "Allowed 0", "Age 0"},
		"members": {
			"Name 0", "Nickname 0", "Email 0", "Role 0", "Login 0", "Ready 0", "Age 0",
			"Agent ID 1", "Extension 1", "Mail 1", "Reason 1",
		},
		"skillgroups": {"Name 0", "Display Name 0", "Channel 0", "Members 0", "Available 0", "Ready 0", "Age 0"},
	}
	for resource, want := range tests {
		t.Run(resource, func(t *testing.T) {
			t.Parallel()
			table := metav1.Table{}
			get(t, "/apis/rollcall.dev/v1alpha1/"+resource, "application/json;as=Table;v=v1;g=meta.k8s.io", &table)
			got := make([]string, 0, len(want))
			for _, column := range table.ColumnDefinitions {
				got = append(got, fmt.Sprintf("%s %d", column.Name, column.Priority))
			}
			if !slices.Equal(got, want) {
				t.Errorf("columns are\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestKindsAreKnownByShortNamesAndCategory(t *testing.T) {
	t.Parallel()
	needServer(t)
	list := metav1.APIResourceList{}
	get(t, "/apis/rollcall.dev/v1alpha1", "application/json", &list)
	shortNames := map[string][]string{"contactcenters": nil, "members": {"mbr"}, "skillgroups": nil}
	for _, resource := range list.APIResources {
		want, isKind := shortNames[resource.Name]
		if !isKind {
			continue
		}
		delete(shortNames, resource.Name)
		if !slices.Equal(resource.ShortNames, want) {
			t.Errorf("short names of %s are %q, want %q", resource.Name, resource.ShortNames, want)
		}
		if !slices.Equal(resource.Categories, []string{"rollcall"}) {
			t.Errorf("categories of %s are %q, want rollcall", resource.Name, resource.Categories)
		}
		if !resource.Namespaced {
			t.Errorf("%s are not namespaced", resource.Name)
		}
	}
	if len(shortNames) != 0 {
		t.Errorf("the API server does not serve %v", shortNames)
	}
}

func TestMembersAreSelectableByTheirFields(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, name := range []string{"select-one", "select-two"} {
		create(t, object(t, "Member", name, validMember, fields{
			"spec.email": name + "@example.com", "spec.agentID": name, "spec.role": "Supervisor",
		}))
	}
	one := object(t, "Member", "select-one", fields{"status.login": "Allowed"})
	patch := client.RawPatch(client.Merge.Type(), []byte(`{"status":{"login":"Allowed"}}`))
	if err := server.client.Status().Patch(t.Context(), one, patch); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		selector client.MatchingFields
		want     []string
	}{
		{selector: client.MatchingFields{"spec.email": "select-one@example.com"}, want: []string{"select-one"}},
		{selector: client.MatchingFields{"spec.agentID": "select-two"}, want: []string{"select-two"}},
		{selector: client.MatchingFields{"spec.role": "Supervisor"}, want: []string{"select-one", "select-two"}},
		{selector: client.MatchingFields{"status.login": "Allowed"}, want: []string{"select-one"}},
	}
	for _, test := range tests {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("MemberList"))
		if err := server.client.List(t.Context(), list, client.InNamespace("default"), test.selector); err != nil {
			t.Fatalf("%v: %v", test.selector, err)
		}
		var got []string
		for _, item := range list.Items {
			got = append(got, item.GetName())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%v selects %q, want %q", test.selector, got, test.want)
		}
	}
}

func TestSpecAndStatusAreWrittenSeparately(t *testing.T) {
	t.Parallel()
	needServer(t)
	u := object(t, "Member", "separate", validMember, fields{"status.login": "Allowed"})
	create(t, u)
	if login, found, _ := unstructured.NestedString(u.Object, "status", "login"); found {
		t.Errorf("creating a Member wrote its status.login: %s", login)
	}
	generation := u.GetGeneration()
	change(t, u, fields{"status.login": "Denied", "spec.nickname": "Changed"})
	if err := server.client.Status().Update(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if nickname, found, _ := unstructured.NestedString(u.Object, "spec", "nickname"); found {
		t.Errorf("writing the status wrote spec.nickname: %s", nickname)
	}
	if u.GetGeneration() != generation {
		t.Errorf("writing the status changed the generation from %d to %d", generation, u.GetGeneration())
	}
}

// get reads what the API server answers at a path.
func get(t *testing.T, path, accept string, into any) {
	t.Helper()
	httpClient, err := rest.HTTPClientFor(server.config)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(server.config.Host, "/")+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	response, err := httpClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s: %s", path, response.Status, body)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatal(err)
	}
}
