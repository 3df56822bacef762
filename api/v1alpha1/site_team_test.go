package v1alpha1_test

import (
	"slices"
	"testing"
)

var (
	validSite = fields{"spec": map[string]any{"displayName": "Berlin"}}
	validTeam = fields{"spec": map[string]any{"displayName": "Billing A", "site": "berlin"}}
	// capacityTeam, applied to validTeam, makes a team of type Capacity.
	capacityTeam = fields{"spec.type": "Capacity", "spec.dialNumber": "+14155550123", "spec.capacity": int64(20)}
)

func TestSiteAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	runRules(t, "Site", "berlin", validSite, slices.Concat(lineRules("spec.displayName", 80), displayNameRules()))
	runObjectNameRules(t, "Site", validSite)
}

func TestSiteDisplayNameCanChange(t *testing.T) {
	t.Parallel()
	runTransitions(t, "Site", "rename", validSite, []transitionTest{
		{name: "another display name is accepted", after: fields{"spec.displayName": "Berlin Mitte"}},
	})
}

func TestTeamAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	site := slices.DeleteFunc(nameRules("spec.site"), func(test ruleTest) bool { return test.set["spec.site"] == "" })
	runRules(t, "Team", "billing-a", validTeam, slices.Concat(
		lineRules("spec.displayName", 80), displayNameRules(), site,
		[]ruleTest{
			{name: "a team without a site is rejected", set: fields{"spec.site": nil}, want: "spec.site: Required value"},
			{name: "a team with an empty site is rejected", set: fields{"spec.site": ""}, want: "should be at least 1 chars long"},
			{name: "active false is accepted", set: fields{"spec.active": false}},
			{name: "the type Agent is accepted", set: fields{"spec.type": "Agent"}},
			{name: "the type Else is rejected", set: fields{"spec.type": "Else"}, want: `Unsupported value: "Else"`},
		},
	))
	runObjectNameRules(t, "Team", validTeam)
}

func TestCapacityTeamMustHaveADialNumberAndACapacity(t *testing.T) {
	t.Parallel()
	const both = "a team of type Capacity needs dialNumber and capacity, and a team of type Agent has neither: set both or remove both"
	const number = "dialNumber must be an E.164 number, for example +14155550123: start with + and the country code, use only digits, and write it in quotes"
	valid := fields{"spec": object(t, "Team", "overflow", validTeam, capacityTeam).Object["spec"]}
	tests := []ruleTest{
		{name: "with both it is accepted"},
		{name: "without a dial number it is rejected", set: fields{"spec.dialNumber": nil}, want: both},
		{name: "without a capacity it is rejected", set: fields{"spec.capacity": nil}, want: both},
		{name: "without both it is rejected", set: fields{"spec.dialNumber": nil, "spec.capacity": nil}, want: both},
		{name: "a team of type Agent with both is rejected", set: fields{"spec.type": "Agent"}, want: both},
		{name: "a team without a type with both is rejected", set: fields{"spec.type": nil}, want: both},
		{name: "a team of type Agent with a dial number is rejected", set: fields{"spec.type": "Agent", "spec.capacity": nil}, want: both},
		{name: "a team of type Agent with a capacity is rejected", set: fields{"spec.type": "Agent", "spec.dialNumber": nil}, want: both},
	}
	for _, good := range []string{"+14155550123", "+123456789012345", "+62"} {
		tests = append(tests, ruleTest{name: "the dial number " + good + " is accepted", set: fields{"spec.dialNumber": good}})
	}
	for _, bad := range []string{"", "14155550123", "+04155550123", "+1 415 555", "+1", "+1415x", "+1415555\n"} {
		tests = append(tests, ruleTest{name: "the dial number " + bad + " is rejected", set: fields{"spec.dialNumber": bad}, want: number})
	}
	tests = append(tests, ruleTest{name: "a dial number of 16 digits is rejected", set: fields{"spec.dialNumber": "+1234567890123456"}, want: "may not be more than 16"})
	runRules(t, "Team", "overflow", valid, slices.Concat(tests, numberRules("spec.capacity", 1, 10000)))
}

func TestTeamAndSiteDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	checkDefaults(t, object(t, "Team", "billing-a", validTeam), fields{
		"spec.type": "Agent", "spec.active": true, "spec.dialNumber": nil, "spec.capacity": nil,
		"status.observedGeneration": int64(-1),
	})
	checkDefaults(t, object(t, "Site", "berlin", validSite), fields{"status.observedGeneration": int64(-1)})
}

func TestTeamAcceptsAllowedChangesOnly(t *testing.T) {
	t.Parallel()
	const (
		siteImmutable = "site cannot be changed: delete the team and add it again at the other site"
		typeImmutable = "type cannot be changed: delete the team and add it again with the other type"
	)
	runTransitions(t, "Team", "change", validTeam, []transitionTest{
		{name: "another site is rejected", after: fields{"spec.site": "lisbon"}, want: siteImmutable},
		{name: "a removed site is rejected", after: fields{"spec.site": nil}, want: "spec.site: Required value"},
		{name: "the type Capacity is rejected", after: capacityTeam, want: typeImmutable},
		{name: "a removed type that was not the default is rejected", before: capacityTeam, after: fields{"spec.type": nil, "spec.dialNumber": nil, "spec.capacity": nil}, want: typeImmutable},
		{name: "a removed type that was the default is accepted", after: fields{"spec.type": nil}},
		{name: "another display name and active false are accepted", after: fields{"spec.displayName": "Billing B", "spec.active": false}},
		{name: "another dial number and capacity are accepted", before: capacityTeam, after: fields{"spec.dialNumber": "+4930123456", "spec.capacity": int64(40)}},
	})
}

// displayNameRules returns rules that require a display name.
func displayNameRules() []ruleTest {
	return []ruleTest{
		{name: "the valid object is accepted"},
		{name: "an empty display name is rejected", set: fields{"spec.displayName": ""}, want: "should be at least 1 chars long"},
		{name: "a missing display name is rejected", set: fields{"spec.displayName": nil}, want: "spec.displayName: Required value"},
	}
}
