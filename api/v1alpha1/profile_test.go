package v1alpha1_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

var (
	validUserProfile    = fields{"spec": map[string]any{"access": map[string]any{"members": "Edit"}}}
	validDesktopProfile = fields{"spec": map[string]any{"description": "Voice only"}}
	builtInProfiles     = []string{"standard-agent", "premium-agent", "supervisor", "administrator", "administrator-only"}
)

func TestUserProfileAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	const needsEdit = "actions need access.members: Edit, because they change members: set it, or remove the actions"
	actions := func(level string, names ...any) fields {
		return fields{"spec.access.members": level, "spec.actions": names}
	}
	tests := []ruleTest{
		{name: "the valid profile is accepted"},
		{name: "an empty profile is accepted", set: fields{"spec": map[string]any{}}},
		{name: "all actions are accepted", set: actions("Edit", "ResetPassword", "ForceOffline", "Import")},
		{name: "an unknown action is rejected", set: actions("Edit", "Promote"), want: `Unsupported value: "Promote"`},
		{name: "an action twice is rejected", set: actions("Edit", "Import", "Import"), want: "Duplicate value"},
		{name: "four actions are rejected", set: actions("Edit", "ResetPassword", "ForceOffline", "Import", "Import"), want: "must have at most 3 items"},
		{name: "an action with View is rejected", set: actions("View", "ResetPassword"), want: needsEdit},
		{name: "an action with None is rejected", set: actions("None", "ForceOffline"), want: needsEdit},
		{name: "an action without access is rejected", set: fields{"spec": map[string]any{"actions": []any{"Import"}}}, want: needsEdit},
		{name: "an action without access to members is rejected", set: fields{"spec": map[string]any{"access": map[string]any{"teams": "Edit"}, "actions": []any{"Import"}}}, want: needsEdit},
		{name: "no actions with View are accepted", set: actions("View")},
	}
	for _, kind := range []string{"members", "skillGroups", "teams", "sites", "templates", "profiles"} {
		tests = append(tests, choiceRules("spec.access."+kind, "None", "View", "Edit")...)
	}
	runRules(t, "UserProfile", "helpdesk", validUserProfile, slices.Concat(tests, lengthRules("spec.description", 256)))
	runObjectNameRules(t, "UserProfile", validUserProfile)
}

func TestBuiltInUserProfilesCannotBeCreated(t *testing.T) {
	t.Parallel()
	const builtIn = "standard-agent, premium-agent, supervisor, administrator and administrator-only are built-in profiles and cannot be changed: choose another metadata.name"
	for _, name := range builtInProfiles {
		if !v1alpha1.IsBuiltInProfile(name) {
			t.Errorf("IsBuiltInProfile(%q) is false, want true", name)
		}
		runRules(t, "UserProfile", name, validUserProfile, []ruleTest{{name: name + " is rejected", want: builtIn}})
	}
	runRules(t, "UserProfile", "supervisors", validUserProfile, []ruleTest{{name: "a name that only begins with a built-in name is accepted"}})
	if v1alpha1.IsBuiltInProfile("supervisors") {
		t.Error(`IsBuiltInProfile("supervisors") is true, want false`)
	}
}

func TestUserProfileDefaultsToNoAccess(t *testing.T) {
	t.Parallel()
	needServer(t)
	want := fields{"spec.actions": nil, "status.observedGeneration": int64(-1)}
	for _, kind := range []string{"members", "skillGroups", "teams", "sites", "templates", "profiles"} {
		want["spec.access."+kind] = "None"
	}
	checkDefaults(t, object(t, "UserProfile", "helpdesk", fields{"spec": map[string]any{}}), want)
}

func TestDesktopProfileAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	runRules(t, "DesktopProfile", "voice", validDesktopProfile, slices.Concat(
		lengthRules("spec.description", 256),
		numberRules("spec.inactivityTimeoutMinutes", 3, 10000),
		numberRules("spec.channels.telephony", 0, 1),
		numberRules("spec.channels.chat", 0, 5),
		numberRules("spec.channels.email", 0, 5),
		numberRules("spec.channels.social", 0, 5),
		accessListRules("spec.teams"), accessListRules("spec.queues"), accessListRules("spec.entryPoints"),
		wrapUpRules(),
		[]ruleTest{
			{name: "the valid profile is accepted"},
			{name: "an empty profile is accepted", set: fields{"spec": map[string]any{}}},
			{name: "autoAnswer and outdial are accepted", set: fields{"spec.autoAnswer": true, "spec.outdial": true}},
			{name: "a profile without any channel is accepted", set: fields{"spec.channels.telephony": int64(0)}},
		},
	))
	runObjectNameRules(t, "DesktopProfile", validDesktopProfile)
}

func TestDesktopProfileDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	want := fields{
		"spec.wrapUp.mode": "Manual", "spec.wrapUp.timeoutSeconds": nil, "spec.autoAnswer": false, "spec.outdial": false,
		"spec.inactivityTimeoutMinutes": nil, "spec.teams": nil, "spec.queues": nil, "spec.entryPoints": nil,
		"spec.channels.telephony": int64(1), "spec.channels.chat": int64(0), "spec.channels.email": int64(0), "spec.channels.social": int64(0),
		"status.observedGeneration": int64(-1),
	}
	checkDefaults(t, object(t, "DesktopProfile", "voice", fields{"spec": map[string]any{}}), want)
	checkDefaults(t, object(t, "DesktopProfile", "chat", fields{"spec.channels.chat": int64(3)}), fields{
		"spec.channels.telephony": int64(1), "spec.channels.chat": int64(3), "spec.channels.email": int64(0),
	})
}

func wrapUpRules() []ruleTest {
	const both = "mode: Auto needs timeoutSeconds, and mode: Manual does not have it: set or remove timeoutSeconds, or change mode"
	wrapUp := func(value map[string]any) fields { return fields{"spec.wrapUp": value} }
	seconds := func(value int64) fields { return wrapUp(map[string]any{"mode": "Auto", "timeoutSeconds": value}) }
	return []ruleTest{
		{name: "a manual wrap-up is accepted", set: wrapUp(map[string]any{"mode": "Manual"})},
		{name: "an empty wrap-up is accepted", set: wrapUp(map[string]any{})},
		{name: "an automatic wrap-up of 1 second is accepted", set: seconds(1)},
		{name: "an automatic wrap-up of 600 seconds is accepted", set: seconds(600)},
		{name: "an automatic wrap-up of 0 seconds is rejected", set: seconds(0), want: "should be greater than or equal to 1"},
		{name: "an automatic wrap-up of 601 seconds is rejected", set: seconds(601), want: "should be less than or equal to 600"},
		{name: "an automatic wrap-up without a time is rejected", set: wrapUp(map[string]any{"mode": "Auto"}), want: both},
		{name: "a manual wrap-up with a time is rejected", set: wrapUp(map[string]any{"mode": "Manual", "timeoutSeconds": int64(30)}), want: both},
		{name: "a time without a mode is rejected", set: wrapUp(map[string]any{"timeoutSeconds": int64(30)}), want: both},
		{name: "the wrap-up mode Else is rejected", set: wrapUp(map[string]any{"mode": "Else"}), want: `Unsupported value: "Else"`},
	}
}

func accessListRules(path string) []ruleTest {
	const both = "access: Specific needs at least one entry in names, and access: All or None has no names: add or remove names, or change access"
	field := path[strings.LastIndex(path, ".")+1:]
	list := func(access string, names ...any) fields {
		value := map[string]any{"access": access}
		if names != nil {
			value["names"] = names
		}
		return fields{path: value}
	}
	many := make([]any, 129)
	for i := range many {
		many[i] = fmt.Sprintf("Queue %d", i)
	}
	tests := []ruleTest{
		{name: field + " that are specific are accepted", set: list("Specific", "Rechnung & Zahlung")},
		{name: "128 " + field + " are accepted", set: list("Specific", many[:128]...)},
		{name: "129 " + field + " are rejected", set: list("Specific", many...), want: "must have at most 128 items"},
		{name: field + " twice are rejected", set: list("Specific", "a", "a"), want: "Duplicate value"},
		{name: field + " of 80 characters are accepted", set: list("Specific", strings.Repeat("é", 80))},
		{name: field + " of 81 characters are rejected", set: list("Specific", strings.Repeat("a", 81)), want: "may not be more than 80"},
		{name: field + " without characters are rejected", set: list("Specific", ""), want: "should be at least 1 chars long"},
		{name: "specific " + field + " without names are rejected", set: list("Specific"), want: both},
		{name: "specific " + field + " with no names in the list are rejected", set: list("Specific", []any{}...), want: both},
		{name: field + " without access are rejected", set: fields{path: map[string]any{"names": []any{"a"}}}, want: path + ".access: Required value"},
		{name: field + " with the access Else are rejected", set: list("Else"), want: `Unsupported value: "Else"`},
	}
	for _, access := range []string{"All", "None"} {
		tests = append(tests,
			ruleTest{name: "the access " + access + " to " + field + " is accepted", set: list(access)},
			ruleTest{name: "the access " + access + " to " + field + " with names is rejected", set: list(access, "a"), want: both})
	}
	return tests
}
