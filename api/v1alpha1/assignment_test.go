package v1alpha1_test

import (
	"slices"
	"strings"
	"testing"
)

const (
	supervisorNeedsPremium = "a Supervisor needs a Premium license: set license: Premium, or remove it so that a MemberTemplate can give one"
	templateNeedsPremium   = "a Supervisor needs a Premium license: set license: Premium, or remove the license or the role"
)

func TestMemberLicenseAndPlacementAcceptValidValuesOnly(t *testing.T) {
	t.Parallel()
	licensed := func(role, license string) fields {
		return fields{"spec.role": role, "spec.license": license}
	}
	tests := []ruleTest{
		{name: "a Supervisor with Premium is accepted", set: licensed("Supervisor", "Premium")},
		{name: "a Supervisor with None is accepted", set: licensed("Supervisor", "None")},
		{name: "a Supervisor without a license is accepted", set: fields{"spec.role": "Supervisor"}},
		{name: "a Supervisor with Standard is rejected", set: licensed("Supervisor", "Standard"), want: supervisorNeedsPremium},
		{name: "a Desk Admin with Standard is accepted", set: licensed("DeskAdmin", "Standard")},
		{name: "Desk Staff with Standard are accepted", set: licensed("DeskStaff", "Standard")},
	}
	runRules(t, "Member", "ana", validMember, slices.Concat(tests,
		choiceRules("spec.license", "Standard", "Premium", "None"),
		nameRules("spec.userProfile"),
		builtInProfileRules("spec.userProfile"),
		nameRules("spec.desktopProfile"),
		nameRules("spec.site"),
		nameSetRules("spec.teams"),
	))
}

func TestMemberLicenseAndPlacementHaveNoDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	checkDefaults(t, object(t, "Member", "ana", validMember), fields{
		"spec.license": nil, "spec.userProfile": nil, "spec.desktopProfile": nil, "spec.site": nil, "spec.teams": nil,
		"status.license": nil, "status.role": nil,
	})
}

func TestMemberLicenseAndPlacementCanChange(t *testing.T) {
	t.Parallel()
	premium := fields{
		"spec.license": "Premium", "spec.userProfile": "billing", "spec.desktopProfile": "voice",
		"spec.site": "berlin", "spec.teams": []any{"billing-a"},
	}
	runTransitions(t, "Member", "assigned", validMember, []transitionTest{
		{name: "they can be set later", after: premium},
		{
			name: "they can be changed", before: premium,
			after: fields{
				"spec.license": "Standard", "spec.userProfile": "supervisor", "spec.desktopProfile": "chat",
				"spec.site": "lisbon", "spec.teams": []any{"billing-b", "billing-c"},
			},
		},
		{
			name: "they can be removed", before: premium,
			after: fields{"spec.license": nil, "spec.userProfile": nil, "spec.desktopProfile": nil, "spec.site": nil, "spec.teams": nil},
		},
		{name: "a Supervisor cannot go down to Standard", before: fields{"spec.role": "Supervisor", "spec.license": "Premium"}, after: fields{"spec.license": "Standard"}, want: supervisorNeedsPremium},
		{name: "a member with Standard cannot become a Supervisor", before: fields{"spec.license": "Standard"}, after: fields{"spec.role": "Supervisor"}, want: supervisorNeedsPremium},
		{name: "a member with Standard can become a Supervisor with Premium", before: fields{"spec.license": "Standard"}, after: fields{"spec.role": "Supervisor", "spec.license": "Premium"}},
	})
}

func TestContactCenterLicensesAndDefaultsAcceptValidValuesOnly(t *testing.T) {
	t.Parallel()
	runRules(t, "ContactCenter", "default", validContactCenter, slices.Concat(
		numberRules("spec.licenses.standard", 0, 1000000),
		numberRules("spec.licenses.premium", 0, 1000000),
		nameRules("spec.defaults.site"),
		nameRules("spec.defaults.userProfile"),
		builtInProfileRules("spec.defaults.userProfile"),
		nameRules("spec.defaults.desktopProfile"),
		[]ruleTest{
			{name: "licenses without numbers are accepted", set: fields{"spec.licenses": map[string]any{}}},
			{name: "defaults without names are accepted", set: fields{"spec.defaults": map[string]any{}}},
			{name: "a number of seats that is not an integer is rejected", set: fields{"spec.licenses.standard": 1.5}, want: "must be of type integer"},
		},
	))
}

func TestContactCenterLicensesDefaultToZeroSeats(t *testing.T) {
	t.Parallel()
	needServer(t)
	checkDefaults(t, object(t, "ContactCenter", "default", validContactCenter), fields{
		"spec.licenses": nil, "spec.defaults": nil, "status.licenses": nil,
	})
	checkDefaults(t, object(t, "ContactCenter", "default", validContactCenter, fields{"spec.licenses": map[string]any{}}), fields{
		"spec.licenses.standard": int64(0), "spec.licenses.premium": int64(0),
	})
	checkDefaults(t, object(t, "ContactCenter", "default", validContactCenter, fields{"spec.licenses.premium": int64(5)}), fields{
		"spec.licenses.standard": int64(0), "spec.licenses.premium": int64(5),
	})
}

// nameRules returns the rules for the name of another object at a path.
func nameRules(path string) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	tests := []ruleTest{
		{name: field + " of one character is accepted", set: fields{path: "a"}},
		{name: field + " with dots and hyphens is accepted", set: fields{path: "billing-a.1"}},
		{name: field + " of 63 characters is accepted", set: fields{path: strings.Repeat("a", 63)}},
		{name: field + " of 64 characters is rejected", set: fields{path: strings.Repeat("a", 64)}, want: "may not be more than 63"},
	}
	for _, bad := range []string{"", "Billing", "-a", "a-", "a_b", "a b", "a/b", "ä", "a\n"} {
		tests = append(tests, ruleTest{name: field + " " + bad + " that is not an object name is rejected", set: fields{path: bad}, want: "must be the name of an object as kubectl get shows it"})
	}
	return tests
}

// builtInProfileRules returns rules that accept every built-in user profile.
func builtInProfileRules(path string) []ruleTest {
	var tests []ruleTest
	for _, name := range builtInProfiles {
		tests = append(tests, ruleTest{name: "the user profile " + name + " is accepted", set: fields{path: name}})
	}
	return tests
}

// nameSetRules returns the rules for a set of up to 64 names of other objects.
func nameSetRules(path string) []ruleTest {
	field := path[strings.LastIndex(path, ".")+1:]
	set := func(names ...any) fields { return fields{path: names} }
	tests := []ruleTest{
		{name: "64 " + field + " are accepted", set: fields{path: differentNames(64)}},
		{name: "65 " + field + " are rejected", set: fields{path: differentNames(65)}, want: "must have at most 64 items"},
		{name: field + " with a name twice are rejected", set: set("a", "b", "a"), want: "Duplicate value"},
		{name: field + " with a name of 63 characters are accepted", set: set(strings.Repeat("a", 63))},
		{name: field + " with a name of 64 characters are rejected", set: set(strings.Repeat("a", 64)), want: "may not be more than 63"},
		{name: field + " with an empty name are rejected", set: set(""), want: "should be at least 1 chars long"},
		{name: field + " with a name that is not an object name are rejected", set: set("Billing"), want: "must be the name of an object as kubectl get shows it"},
	}
	return tests
}

// differentNames returns n different names.
func differentNames(n int) []any {
	names := make([]any, n)
	for i := range names {
		names[i] = strings.Repeat("a", i%32+1) + strings.Repeat("b", i/32)
	}
	return names
}

// runObjectNameRules checks that the name of an object has at most 63 characters,
// because labels and the names of other objects contain it.
func runObjectNameRules(t *testing.T, kind string, valid fields) {
	t.Helper()
	for name, want := range map[string]string{
		strings.Repeat("a", 63): "",
		strings.Repeat("a", 64): "metadata.name must have at most 63 characters: choose a shorter name",
	} {
		runRules(t, kind, name, valid, []ruleTest{{name: name, want: want}})
	}
}
