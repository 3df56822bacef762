package v1alpha1_test

import (
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

var validSkillGroup = fields{"spec": map[string]any{"displayName": "Billing"}}

const onlineOnly = "maxConcurrency above 1 needs the channel Online: set maxConcurrency to 1, or create a new SkillGroup with channel Online"

func TestSkillGroupAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	online := func(maxConcurrency int64) fields {
		return fields{"spec.channel": "Online", "spec.maxConcurrency": maxConcurrency}
	}
	tests := []ruleTest{
		{name: "the valid group is accepted"},
		{name: "an empty display name is rejected", set: fields{"spec.displayName": ""}, want: "should be at least 1 chars long"},
		{name: "a missing display name is rejected", set: fields{"spec.displayName": nil}, want: "spec.displayName: Required value"},
		{name: "5 conversations at a time online are accepted", set: online(5)},
		{name: "999 conversations at a time online are accepted", set: online(999)},
		{name: "1000 conversations at a time are rejected", set: online(1000), want: "should be less than or equal to 999"},
		{name: "0 conversations at a time are rejected", set: online(0), want: "should be greater than or equal to 1"},
		{name: "5 conversations at a time without a channel are rejected", set: fields{"spec.maxConcurrency": int64(5)}, want: onlineOnly},
		{name: "1000 members are accepted", set: fields{"spec.members": named(1000)}},
		{name: "1001 members are rejected", set: fields{"spec.members": named(1001)}, want: "must have at most 1000 items"},
		{name: "a member named twice is rejected", set: fields{"spec.members": append(named(1), named(1)...)}, want: "Duplicate value"},
		{name: "an empty selector is accepted", set: fields{"spec.selector": map[string]any{}}},
		{name: "a selector by labels is accepted", set: fields{"spec.selector": map[string]any{"matchLabels": map[string]any{"team": "a"}}}},
		{name: "ringAll is accepted", set: fields{"spec.ringAll": true}},
	}
	for _, channel := range []string{"Phone", "Audio", "Video"} {
		tests = append(tests,
			ruleTest{name: "1 conversation at a time on " + channel + " is accepted", set: fields{"spec.channel": channel, "spec.maxConcurrency": int64(1)}},
			ruleTest{name: "2 conversations at a time on " + channel + " are rejected", set: fields{"spec.channel": channel, "spec.maxConcurrency": int64(2)}, want: onlineOnly})
	}
	runRules(t, "SkillGroup", "billing", validSkillGroup, slices.Concat(tests,
		lineRules("spec.displayName", 32),
		choiceRules("spec.channel", "Phone", "Online", "Audio", "Video"),
		numberRules("spec.selectorPriority", 1, 5),
		groupMemberRules(),
	))
}

func groupMemberRules() []ruleTest {
	entry := func(name string, priority int64) fields {
		return fields{"spec.members": []any{map[string]any{"name": name, "priority": priority}}}
	}
	return []ruleTest{
		{name: "a member with the priority 1 is accepted", set: entry("ana", 1)},
		{name: "a member with the priority 5 is accepted", set: entry("ana", 5)},
		{name: "a member with the priority 0 is rejected", set: entry("ana", 0), want: "should be greater than or equal to 1"},
		{name: "a member with the priority 6 is rejected", set: entry("ana", 6), want: "should be less than or equal to 5"},
		{name: "a member's name that is not an object name is rejected", set: entry("Ana", 1), want: "should match"},
	}
}

func TestSkillGroupDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	u := object(t, "SkillGroup", "billing", validSkillGroup, fields{"spec.members": named(1)})
	checkDefaults(t, u, fields{
		"spec.channel": "Phone", "spec.maxConcurrency": int64(1), "spec.selectorPriority": int64(3), "spec.selector": nil,
		"status.observedGeneration": int64(-1),
	})
	checkFirst(t, u, int64(3), "spec", "members")
}

func TestSkillGroupAcceptsAllowedChangesOnly(t *testing.T) {
	t.Parallel()
	const channelImmutable = "channel cannot be changed: delete the SkillGroup and create a new one; its members stay"
	online := fields{"spec.channel": "Online"}
	runTransitions(t, "SkillGroup", "change", validSkillGroup, []transitionTest{
		{name: "another channel is rejected", after: online, want: channelImmutable},
		{name: "a removed channel that was not the default is rejected", before: online, after: fields{"spec.channel": nil}, want: channelImmutable},
		{name: "a removed channel that was the default is accepted", after: fields{"spec.channel": nil}},
		{
			name: "everything else is accepted", before: online,
			after: fields{"spec.displayName": "Help", "spec.maxConcurrency": int64(9), "spec.ringAll": true, "spec.members": named(3), "spec.selectorPriority": int64(1)},
		},
	})
}

// checkFirst compares the priority of the first entry of a list.
func checkFirst(t *testing.T, u *unstructured.Unstructured, want int64, path ...string) {
	t.Helper()
	entries, _, err := unstructured.NestedSlice(u.Object, path...)
	if err != nil || len(entries) == 0 {
		t.Fatalf("no entries (%v)", err)
	}
	entry, ok := entries[0].(map[string]any)
	if !ok || entry["priority"] != want {
		t.Errorf("the first entry is %v, want the priority %d", entries[0], want)
	}
}
