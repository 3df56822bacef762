package v1alpha1_test

import (
	"slices"
	"testing"
)

const noAdministratorRole = "a template cannot give the role of an administrator: choose Supervisor or DeskStaff, or set role: DeskAdmin in the Member itself"

var validMemberTemplate = fields{"spec": map[string]any{
	"selector": map[string]any{"matchLabels": map[string]any{"desk": "billing"}},
	"license":  "Premium",
}}

func TestMemberTemplateAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	given := func(role, license string) fields {
		return fields{"spec.role": role, "spec.license": license}
	}
	tests := []ruleTest{
		{name: "the valid template is accepted"},
		{name: "an empty selector is accepted", set: fields{"spec.selector": map[string]any{}}},
		{name: "a missing selector is rejected", set: fields{"spec.selector": nil}, want: "spec.selector: Required value"},
		{name: "the role Supervisor with Premium is accepted", set: given("Supervisor", "Premium")},
		{name: "the role Supervisor with Standard is rejected", set: given("Supervisor", "Standard"), want: templateNeedsPremium},
		{name: "the role Supervisor without a license is accepted", set: fields{"spec.role": "Supervisor", "spec.license": nil}},
		{name: "the role DeskStaff with Standard is accepted", set: given("DeskStaff", "Standard")},
		{name: "the role DeskAdmin is rejected", set: fields{"spec.role": "DeskAdmin"}, want: noAdministratorRole},
		{name: "the role SuperAdmin is rejected", set: fields{"spec.role": "SuperAdmin"}, want: noAdministratorRole},
		{name: "an unknown role is rejected", set: fields{"spec.role": "Cook"}, want: `Unsupported value: "Cook"`},
		{name: "the license None is rejected", set: fields{"spec.license": "None"}, want: `Unsupported value: "None"`},
		{name: "suspend is accepted", set: fields{"spec.suspend": true}},
	}
	runRules(t, "MemberTemplate", "billing", validMemberTemplate, slices.Concat(tests,
		choiceRules("spec.applyTo", "NewMembers", "AllMembers"),
		choiceRules("spec.license", "Standard", "Premium"),
		numberRules("spec.precedence", -1000, 1000),
		nameRules("spec.userProfile"), builtInProfileRules("spec.userProfile"),
		nameRules("spec.desktopProfile"),
		nameRules("spec.site"),
		nameSetRules("spec.teams"),
		membershipRules(),
	))
	runObjectNameRules(t, "MemberTemplate", validMemberTemplate)
}

func TestMemberTemplateMustGiveSomething(t *testing.T) {
	t.Parallel()
	const mustGive = "a template must give something: set at least one of license, role, userProfile, desktopProfile, site, teams and skillGroups"
	empty := fields{"spec": map[string]any{"selector": map[string]any{}}}
	tests := []ruleTest{
		{name: "nothing is rejected", want: mustGive},
		{name: "no teams are rejected", set: fields{"spec.teams": []any{}}, want: mustGive},
		{name: "no skill groups are rejected", set: fields{"spec.skillGroups": []any{}}, want: mustGive},
		{name: "precedence and suspension alone are rejected", set: fields{"spec.precedence": int64(5), "spec.suspend": true, "spec.applyTo": "AllMembers"}, want: mustGive},
	}
	for path, value := range map[string]any{
		"spec.license": "Standard", "spec.role": "DeskStaff", "spec.userProfile": "helpdesk", "spec.desktopProfile": "voice",
		"spec.site": "berlin", "spec.teams": []any{"billing-a"}, "spec.skillGroups": named(1),
	} {
		tests = append(tests, ruleTest{name: path + " alone is accepted", set: fields{path: value}})
	}
	runRules(t, "MemberTemplate", "billing", empty, tests)
}

func TestMemberTemplateDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	u := object(t, "MemberTemplate", "billing", validMemberTemplate, fields{"spec.skillGroups": named(1)})
	checkDefaults(t, u, fields{
		"spec.applyTo": "NewMembers", "spec.precedence": int64(0), "spec.suspend": false, "spec.role": nil,
		"status.observedGeneration": int64(-1), "status.preview": nil,
	})
	checkFirst(t, u, int64(3), "spec", "skillGroups")
}

func TestMemberTemplateAcceptsAllowedChangesOnly(t *testing.T) {
	t.Parallel()
	runTransitions(t, "MemberTemplate", "change", validMemberTemplate, []transitionTest{
		{name: "the license of a Supervisor cannot go down to Standard", before: fields{"spec.role": "Supervisor"}, after: fields{"spec.license": "Standard"}, want: templateNeedsPremium},
		{
			name: "everything else is accepted",
			after: fields{
				"spec.selector": map[string]any{}, "spec.applyTo": "AllMembers", "spec.precedence": int64(-5), "spec.suspend": true,
				"spec.license": "Standard", "spec.site": "berlin", "spec.teams": []any{"billing-a"},
			},
		},
	})
}
