package roster

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// schema is the schema of a field in a CustomResourceDefinition.
type schema struct {
	Properties  map[string]schema `json:"properties"`
	Items       *schema           `json:"items"`
	Enum        []string          `json:"enum"`
	Pattern     string            `json:"pattern"`
	MinLength   int               `json:"minLength"`
	MaxLength   int               `json:"maxLength"`
	MaxItems    int               `json:"maxItems"`
	Minimum     int               `json:"minimum"`
	Maximum     int               `json:"maximum"`
	Validations []struct {
		Rule string `json:"rule"`
	} `json:"x-kubernetes-validations"`
}

// memberSpec returns the schema of a Member's spec.
func memberSpec(t *testing.T) schema {
	t.Helper()
	content, err := os.ReadFile("../../config/crd/bases/rollcall.dev_members.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema schema `json:"openAPIV3Schema"`
				} `json:"schema"`
			} `json:"versions"`
		} `json:"spec"`
	}
	if err := yaml.Unmarshal(content, &definition); err != nil {
		t.Fatal(err)
	}
	return definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"]
}

func TestTheRulesMatchTheCustomResourceDefinition(t *testing.T) {
	t.Parallel()
	definition := memberSpec(t)
	spec := definition.Properties
	groups := spec["skillGroups"]
	group, priority := groups.Items.Properties["name"], groups.Items.Properties["priority"]
	cases := map[string][2]any{
		"name":              {describe(spec["name"]), fmt.Sprintf("0-%d !self.matches(r'%s')", maxName, notInName)},
		"nickname":          {describe(spec["nickname"]), fmt.Sprintf("0-%d !self.matches(r'%s')", maxNickname, notInName)},
		"agent ID":          {describe(spec["agentID"]), fmt.Sprintf("1-%d self.matches(r'%s')", maxAgentID, agentIDPattern)},
		"extension":         {describe(spec["extension"]), fmt.Sprintf("0-6 self.matches(r'%s')", extensionPattern)},
		"phone":             {describe(spec["phone"]), fmt.Sprintf("0-16 self.matches(r'%s')", phonePattern)},
		"skill group":       {describe(group), fmt.Sprintf("1-%d", maxSkillGroupName)},
		"pattern of a name": {group.Pattern, objectNamePattern.String()},
		"skill groups":      {groups.MaxItems, maxSkillGroups},
		"priority":          {[2]int{priority.Minimum, priority.Maximum}, [2]int{minPriority, maxPriority}},
		"e-mail": {describe(spec["email"]), fmt.Sprintf("%d-%d self.matches(r'%s') && self.indexOf('@') <= %d && self.substring(self.indexOf('@') + 1).split('.').all(label, label.size() <= %d)",
			minEmail, maxEmail, emailPattern, maxEmailLocalPart, maxEmailLabel)},
		"user profile":       {describe(spec["userProfile"]), fmt.Sprintf("0-%d self.matches('%s')", maxObjectName, objectNamePattern)},
		"desktop profile":    {describe(spec["desktopProfile"]), fmt.Sprintf("0-%d self.matches('%s')", maxObjectName, objectNamePattern)},
		"site":               {describe(spec["site"]), fmt.Sprintf("0-%d self.matches('%s')", maxObjectName, objectNamePattern)},
		"team":               {describe(*spec["teams"].Items), fmt.Sprintf("1-%d self.matches('%s')", maxObjectName, objectNamePattern)},
		"teams":              {spec["teams"].MaxItems, maxTeams},
		"licenses":           {fmt.Sprint(spec["license"].Enum), fmt.Sprint([]string{LicenseStandard, LicensePremium, LicenseNone})},
		"rules of the whole": {describe(definition), fmt.Sprintf("0-0 !(has(self.role) && self.role == '%s' && has(self.license) && self.license == '%s')", Supervisor, LicenseStandard)},
		"roles":              {fmt.Sprint(spec["role"].Enum), fmt.Sprint([]string{SuperAdmin, DeskAdmin, Supervisor, DeskStaff})},
	}
	for what, c := range cases {
		if c[0] != c[1] {
			t.Errorf("%s: the CustomResourceDefinition has %v,\nbut this package has %v", what, c[0], c[1])
		}
	}
	for _, column := range Columns() {
		if _, found := spec[string(column)]; !found {
			t.Errorf("a Member has no field %s", column)
		}
	}
}

// describe returns the bounds and rules of a text field, except the rules about changes.
func describe(field schema) string {
	text := fmt.Sprintf("%d-%d", field.MinLength, field.MaxLength)
	for _, validation := range field.Validations {
		if !strings.Contains(validation.Rule, "oldSelf") {
			text += " " + validation.Rule
		}
	}
	return text
}
