package v1alpha1_test

import (
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestEffectiveNamesFallBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spec                   v1alpha1.MemberSpec
		wantName, wantNickname string
	}{
		"both names":           {v1alpha1.MemberSpec{Name: "Ana Reis", Nickname: "Ani", Email: "ana@example.com"}, "Ana Reis", "Ani"},
		"only a name":          {v1alpha1.MemberSpec{Name: "Ana Reis", Email: "ana@example.com"}, "Ana Reis", "Ana Reis"},
		"only nickname":        {v1alpha1.MemberSpec{Nickname: "Ani", Email: "ana@example.com"}, "ana", "Ani"},
		"only e-mail":          {v1alpha1.MemberSpec{Email: "Ana.Reis@example.com"}, "Ana.Reis", "Ana.Reis"},
		"an address without @": {v1alpha1.MemberSpec{Email: "ana"}, "ana", "ana"},
		"an empty spec":        {v1alpha1.MemberSpec{}, "", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.spec.EffectiveName(); got != test.wantName {
				t.Errorf("EffectiveName() = %q, want %q", got, test.wantName)
			}
			if got := test.spec.EffectiveNickname(); got != test.wantNickname {
				t.Errorf("EffectiveNickname() = %q, want %q", got, test.wantNickname)
			}
		})
	}
}

func TestMembersAndTeamsAreActiveByDefault(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		active *bool
		want   bool
	}{
		"absent": {nil, true},
		"true":   {new(true), true},
		"false":  {new(false), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			member := v1alpha1.MemberSpec{Active: test.active}
			if got := member.IsActive(); got != test.want {
				t.Errorf("MemberSpec.IsActive() = %t, want %t", got, test.want)
			}
			team := v1alpha1.Team{Spec: v1alpha1.TeamSpec{Active: test.active}}
			if got := team.IsActive(); got != test.want {
				t.Errorf("Team.IsActive() = %t, want %t", got, test.want)
			}
		})
	}
}

func TestDefaultPriorityIsTheDefaultOfTheCRDs(t *testing.T) {
	t.Parallel()
	// lists maps the resource kinds to their lists of memberships.
	lists := map[string]string{"Member": "skillGroups", "MemberTemplate": "skillGroups", "SkillGroup": "members"}
	checked := 0
	for _, crd := range readCRDs(t) {
		spec := crd.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
		if list, found := lists[crd.Spec.Names.Kind]; found {
			checkDefaultPriority(t, spec.Properties[list].Items.Schema.Properties["priority"])
			checked++
		}
		if priority, found := spec.Properties["selectorPriority"]; found {
			checkDefaultPriority(t, priority)
			checked++
		}
	}
	if checked != 4 {
		t.Errorf("checked %d priorities, want 4", checked)
	}
}

func checkDefaultPriority(t *testing.T, schema apiextensionsv1.JSONSchemaProps) {
	t.Helper()
	if schema.Default == nil {
		t.Fatal("the priority has no default")
	}
	var got int32
	if err := yaml.Unmarshal(schema.Default.Raw, &got); err != nil {
		t.Fatal(err)
	}
	if got != v1alpha1.DefaultPriority {
		t.Errorf("the CRD has the default %d, want %d", got, v1alpha1.DefaultPriority)
	}
}
