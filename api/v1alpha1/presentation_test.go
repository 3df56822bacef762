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

func TestResourceKindsShowTheirColumns(t *testing.T) {
	t.Parallel()
	needServer(t)
	// The number after the name is the priority of the column: 1 means -o wide only.
	tests := map[string][]string{
		"contactcenters": {"Name 0", "Ready 0", "Mail 0", "Members 0", "Allowed 0", "Age 0"},
		"members": {
			"Name 0", "Nickname 0", "Email 0", "Role 0", "Login 0", "Ready 0", "Age 0",
			"Agent ID 1", "Extension 1", "Mail 1", "Reason 1", "License 1", "Site 1", "User Profile 1",
		},
		"skillgroups": {"Name 0", "Display Name 0", "Channel 0", "Members 0", "Available 0", "Ready 0", "Age 0"},
		"membertemplates": {
			"Name 0", "Apply To 0", "License 0", "Matched 0", "Applied 0", "Suspended 0", "Ready 0", "Age 0",
			"Precedence 1", "Overruled 1", "Would Change 1",
		},
		"userprofiles": {
			"Name 0", "Access Members 0", "Actions 0", "Members 0", "Ready 0", "Age 0",
			"Skill Groups 1", "Teams 1", "Sites 1", "Templates 1", "Profiles 1",
		},
		"desktopprofiles": {"Name 0", "Telephony 0", "Chat 0", "Email 0", "Social 0", "Members 0", "Ready 0", "Age 0"},
		"sites":           {"Name 0", "Display Name 0", "Teams 0", "Members 0", "Ready 0", "Age 0"},
		"teams":           {"Name 0", "Display Name 0", "Site 0", "Type 0", "Active 0", "Members 0", "Ready 0", "Age 0"},
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

func TestResourceKindsHaveShortNamesAndACategory(t *testing.T) {
	t.Parallel()
	needServer(t)
	list := metav1.APIResourceList{}
	get(t, "/apis/rollcall.dev/v1alpha1", "application/json", &list)
	shortNames := map[string][]string{
		"contactcenters": nil, "members": {"mbr"}, "skillgroups": nil, "membertemplates": nil,
		"userprofiles": nil, "desktopprofiles": nil, "sites": nil, "teams": nil,
	}
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
			t.Errorf("%s is not namespaced", resource.Name)
		}
	}
	if len(shortNames) != 0 {
		t.Errorf("the API server does not serve %v", shortNames)
	}
}

func TestMembersAreSelectableByField(t *testing.T) {
	t.Parallel()
	needServer(t)
	for _, name := range []string{"select-one", "select-two"} {
		create(t, object(t, "Member", name, validMember, fields{
			"spec.email": name + "@example.com", "spec.agentID": name, "spec.role": "Supervisor",
		}))
	}
	one := object(t, "Member", "select-one")
	patch := client.RawPatch(client.Merge.Type(), []byte(`{"status":{
		"login":          "Allowed",
		"license":        {"tier": "Premium", "source": "Template/billing"},
		"userProfile":    {"name": "supervisor", "source": "Default"},
		"desktopProfile": {"name": "voice", "source": "Member"},
		"site":           {"name": "berlin", "source": "Default"}
	}}`))
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
		{selector: client.MatchingFields{"status.license.tier": "Premium"}, want: []string{"select-one"}},
		{selector: client.MatchingFields{"status.userProfile.name": "supervisor"}, want: []string{"select-one"}},
		{selector: client.MatchingFields{"status.desktopProfile.name": "voice"}, want: []string{"select-one"}},
		{selector: client.MatchingFields{"status.site.name": "berlin"}, want: []string{"select-one"}},
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

func TestTeamsAreSelectableBySite(t *testing.T) {
	t.Parallel()
	needServer(t)
	for name, site := range map[string]string{"select-here": "select-site", "select-there": "select-other"} {
		create(t, object(t, "Team", name, validTeam, fields{"spec.site": site}))
	}
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("TeamList"))
	if err := server.client.List(t.Context(), list, client.InNamespace("default"), client.MatchingFields{"spec.site": "select-site"}); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 || list.Items[0].GetName() != "select-here" {
		t.Errorf("spec.site=select-site selects %d teams, want select-here alone", len(list.Items))
	}
}

func TestAssignmentSourceAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	needServer(t)
	u := object(t, "Member", "sources", validMember)
	create(t, u)
	longest := "Template/" + strings.Repeat("a", 63)
	for source, want := range map[string]string{
		"Member": "", "Default": "", longest: "",
		longest + "a": "may not be more than 72", "Template/": "should match", "Other": "should match",
	} {
		patch := client.RawPatch(client.Merge.Type(), fmt.Appendf(nil, `{"status":{"site":{"name":"berlin","source":%q}}}`, source))
		check(t, server.client.Status().Patch(t.Context(), u.DeepCopy(), patch, &client.SubResourcePatchOptions{PatchOptions: client.PatchOptions{DryRun: []string{"All"}}}), want)
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

// get reads the response of the API server at a path.
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
