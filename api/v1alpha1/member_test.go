package v1alpha1_test

import (
	"slices"
	"strings"
	"testing"
)

var validMember = fields{"spec": map[string]any{"email": "ana@example.com"}}

const (
	superAdminNameReserved = "the name super-admin is reserved for the Member that the operator creates from ContactCenter.spec.superAdmin: choose another metadata.name"
	superAdminRoleReserved = "only the Member super-admin has the role SuperAdmin, and the operator creates it from ContactCenter.spec.superAdmin: choose DeskAdmin, Supervisor or DeskStaff"
	agentIDImmutable       = "agentID cannot be changed or removed once it is set: delete the member and add it again"
	emailImmutable         = "email cannot be changed: delete the member and add it again"
)

func TestMemberAcceptsValidValuesOnly(t *testing.T) {
	t.Parallel()
	runRules(t, "Member", "ana", validMember, slices.Concat(
		emailRules("spec.email"),
		lineRules("spec.name", 64),
		lengthRules("spec.nickname", 32),
		lengthRules("spec.forceOfflineReason", 256),
		lengthRules("spec.passwordReset", 64),
		choiceRules("spec.role", "DeskAdmin", "Supervisor", "DeskStaff"),
		choiceRules("spec.locale", "en", "zh-CN", "fr", "id"),
		agentIDRules(), extensionRules(), phoneRules(), membershipRules(),
		[]ruleTest{
			{name: "the valid member is accepted"},
			{name: "nickname with a line break is rejected", set: fields{"spec.nickname": "Ana\nBcc: x@example.com"}, want: "nickname must not contain control characters"},
			{name: "the role SuperAdmin under another name is rejected", set: fields{"spec.role": "SuperAdmin"}, want: superAdminRoleReserved},
			{name: "active false is accepted", set: fields{"spec.active": false}},
			{name: "forceOfflineUntil in RFC 3339 is accepted", set: fields{"spec.forceOfflineUntil": "2026-02-01T08:00:00+08:00"}},
			{name: "forceOfflineUntil as a date is rejected", set: fields{"spec.forceOfflineUntil": "2026-02-01"}, want: "must be of type date-time"},
			{name: "forceOfflineUntil in lowercase letters is rejected", set: fields{"spec.forceOfflineUntil": "2026-01-01t00:00:00z"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil with a stray letter is rejected", set: fields{"spec.forceOfflineUntil": "2026-01-01T00:00:00x5Z"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil with an impossible offset is rejected", set: fields{"spec.forceOfflineUntil": "2026-01-01T00:00:00+99:99"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil with trailing text is rejected", set: fields{"spec.forceOfflineUntil": "2026-01-01T00:00:00ZTgarbage"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil before 1970 is rejected", set: fields{"spec.forceOfflineUntil": "0000-01-01T00:00:00+23:59"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil after the year 9999 in UTC is rejected", set: fields{"spec.forceOfflineUntil": "9999-12-31T23:59:59-23:59"}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil as a list is rejected", set: fields{"spec.forceOfflineUntil": []any{"a"}}, want: "spec.forceOfflineUntil"},
			{name: "forceOfflineUntil at the latest time is accepted", set: fields{"spec.forceOfflineUntil": "9999-12-31T23:59:59Z"}},
		},
	))
}

func TestMemberSuperAdminMustHaveTheRoleSuperAdmin(t *testing.T) {
	t.Parallel()
	runRules(t, "Member", "super-admin", validMember, []ruleTest{
		{name: "with the role SuperAdmin it is accepted", set: fields{"spec.role": "SuperAdmin"}},
		{name: "with the role DeskAdmin it is rejected", set: fields{"spec.role": "DeskAdmin"}, want: superAdminNameReserved},
		{name: "without a role it is rejected", want: superAdminNameReserved},
	})
}

func TestMemberNameFitsIntoALabel(t *testing.T) {
	t.Parallel()
	needServer(t)
	for name, want := range map[string]string{
		strings.Repeat("a", 63): "",
		strings.Repeat("a", 64): "metadata.name must have at most 63 characters, because it becomes a label value: choose a shorter name",
	} {
		runRules(t, "Member", name, validMember, []ruleTest{{name: name, want: want}})
	}
}

func TestMemberDefaults(t *testing.T) {
	t.Parallel()
	needServer(t)
	u := object(t, "Member", "ana", validMember)
	checkDefaults(t, u, fields{
		"spec.role": "DeskStaff", "spec.active": true, "spec.forceOffline": nil, "spec.locale": nil,
		"status.observedGeneration": int64(-1), "status.login": nil,
	})
	u = object(t, "Member", "ana", validMember, fields{"spec.skillGroups": named(1)})
	checkDefaults(t, u, fields{"status.observedGeneration": int64(-1)})
	checkFirst(t, u, int64(3), "spec", "skillGroups")
}

func TestMemberAcceptsAllowedChangesOnly(t *testing.T) {
	t.Parallel()
	withAgentID := fields{"spec.agentID": "A-1"}
	runTransitions(t, "Member", "change", validMember, []transitionTest{
		{name: "another e-mail address is rejected", after: fields{"spec.email": "eva@example.com"}, want: emailImmutable},
		{name: "the e-mail address in another case is rejected", after: fields{"spec.email": "Ana@example.com"}, want: emailImmutable},
		{name: "another agent ID is rejected", before: withAgentID, after: fields{"spec.agentID": "A-2"}, want: agentIDImmutable},
		{name: "a removed agent ID is rejected", before: withAgentID, after: fields{"spec.agentID": nil}, want: agentIDImmutable},
		{name: "an agent ID set later is accepted", after: withAgentID},
		{name: "the same agent ID is accepted", before: withAgentID, after: fields{"spec.agentID": "A-1", "spec.name": "Ana"}},
		{name: "the role SuperAdmin is rejected", after: fields{"spec.role": "SuperAdmin"}, want: superAdminRoleReserved},
		{
			name:   "everything else is accepted",
			before: fields{"spec.extension": "1001", "spec.phone": "+14155550123", "spec.nickname": "Ana"},
			after: fields{
				"spec.extension": "1002", "spec.phone": nil, "spec.nickname": "Annie", "spec.name": "Ana Silva", "spec.role": "DeskAdmin",
				"spec.active": false, "spec.forceOffline": true, "spec.passwordReset": "1", "spec.locale": "fr", "spec.skillGroups": named(2),
			},
		},
	})
}

func agentIDRules() []ruleTest {
	rejected := "agentID can contain only letters A to Z, digits, _ and -: remove spaces and other characters"
	return []ruleTest{
		{name: "an agent ID of one character is accepted", set: fields{"spec.agentID": "7"}},
		{name: "an agent ID of 32 characters is accepted", set: fields{"spec.agentID": strings.Repeat("Az-_", 8)}},
		{name: "an agent ID of 33 characters is rejected", set: fields{"spec.agentID": strings.Repeat("7", 33)}, want: "may not be more than 32"},
		{name: "an empty agent ID is rejected", set: fields{"spec.agentID": ""}, want: "should be at least 1 chars long"},
		{name: "an agent ID with a space is rejected", set: fields{"spec.agentID": "A 1"}, want: rejected},
		{name: "an agent ID with a line break is rejected", set: fields{"spec.agentID": "A1\n"}, want: rejected},
		{name: "an agent ID with another letter is rejected", set: fields{"spec.agentID": "Ä1"}, want: rejected},
	}
}

func extensionRules() []ruleTest {
	rejected := "extension must have 4 to 6 digits, the first 1 to 8, for example 1024: choose a number that does not begin with 0 or 9, and write it in quotes"
	var tests []ruleTest
	for _, good := range []string{"1000", "8999", "12345", "899999"} {
		tests = append(tests, ruleTest{name: "the extension " + good + " is accepted", set: fields{"spec.extension": good}})
	}
	for _, bad := range []string{"0123", "9123", "123", "12a4", " 1234", "1234\n", "١٢٣٤"} {
		tests = append(tests, ruleTest{name: "the extension " + bad + " is rejected", set: fields{"spec.extension": bad}, want: rejected})
	}
	return append(tests,
		ruleTest{name: "an extension of 7 digits is rejected", set: fields{"spec.extension": "1234567"}, want: "may not be more than 6"},
		ruleTest{name: "an extension that is not a string is rejected", set: fields{"spec.extension": int64(1234)}, want: "must be of type string"})
}

func phoneRules() []ruleTest {
	rejected := "phone must be an E.164 number, for example +14155550123: start with + and the country code, use only digits, and write it in quotes"
	var tests []ruleTest
	for _, good := range []string{"+14155550123", "+123456789012345", "+62"} {
		tests = append(tests, ruleTest{name: "the telephone number " + good + " is accepted", set: fields{"spec.phone": good}})
	}
	for _, bad := range []string{"14155550123", "+04155550123", "+1 415 555", "+1", "0041555", "+1415x"} {
		tests = append(tests, ruleTest{name: "the telephone number " + bad + " is rejected", set: fields{"spec.phone": bad}, want: rejected})
	}
	return append(tests, ruleTest{name: "a telephone number of 16 digits is rejected", set: fields{"spec.phone": "+1234567890123456"}, want: "may not be more than 16"})
}

func membershipRules() []ruleTest {
	entry := func(name string, priority int64) fields {
		return fields{"spec.skillGroups": []any{map[string]any{"name": name, "priority": priority}}}
	}
	return []ruleTest{
		{name: "64 skill groups are accepted", set: fields{"spec.skillGroups": named(64)}},
		{name: "65 skill groups are rejected", set: fields{"spec.skillGroups": named(65)}, want: "must have at most 64 items"},
		{name: "a skill group named twice is rejected", set: fields{"spec.skillGroups": append(named(1), named(1)...)}, want: "Duplicate value"},
		{name: "the priority 1 is accepted", set: entry("billing", 1)},
		{name: "the priority 5 is accepted", set: entry("billing", 5)},
		{name: "the priority 0 is rejected", set: entry("billing", 0), want: "should be greater than or equal to 1"},
		{name: "the priority 6 is rejected", set: entry("billing", 6), want: "should be less than or equal to 5"},
		{name: "a skill group's name that is not an object name is rejected", set: entry("Billing", 1), want: "should match"},
		{name: "a skill group without a name is rejected", set: fields{"spec.skillGroups": []any{map[string]any{}}}, want: "name: Required value"},
	}
}
