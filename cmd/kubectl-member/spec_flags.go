package main

import (
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/importplan"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
	"rollcall.dev/rollcall/internal/roster"
)

// assignableRoles are the roles that an administrator can assign.
var assignableRoles = []string{
	string(v1alpha1.RoleDeskAdmin), string(v1alpha1.RoleSupervisor), string(v1alpha1.RoleDeskStaff),
}

var localeWords = []string{
	string(v1alpha1.LocaleEnglish), string(v1alpha1.LocaleChinese), string(v1alpha1.LocaleFrench), string(v1alpha1.LocaleIndonesian),
}

// licenseWords are the licenses that a Member can request.
var licenseWords = []string{string(v1alpha1.LicenseStandard), string(v1alpha1.LicensePremium), string(v1alpha1.LicenseNone)}

// textFlags are the flags of add and edit for the text fields of a Member's spec.
var textFlags = []struct{ flag, field, usage string }{
	{"name", "name", "Full name"},
	{"nickname", "nickname", "Name shown to customers"},
	{"agent-id", "agentID", "Agent (staff) number, which cannot be changed once it is set"},
	{"role", "role", "Role: " + strings.Join(assignableRoles, ", ")},
	{"phone", "phone", "Telephone number with + and country code, for example +14155550123"},
	{"extension", "extension", "Telephone extension of 4 to 6 digits"},
	{"locale", "locale", "Language of e-mails: " + strings.Join(localeWords, ", ")},
	{"license", "license", "License: " + strings.Join(licenseWords, ", ") + "; by default MemberTemplates decide"},
	{"user-profile", "userProfile", "User profile, which restricts the role; by default MemberTemplates and defaults decide"},
	{"desktop-profile", "desktopProfile", "Desktop profile; by default MemberTemplates and defaults decide"},
	{"site", "site", "Site; by default MemberTemplates and defaults decide"},
}

func addTextFlags(s *cli.Session, command *cobra.Command) {
	for _, text := range textFlags {
		command.Flags().String(text.flag, "", text.usage)
	}
	cli.CompleteFlag(command, "role", assignableRoles...)
	cli.CompleteFlag(command, "locale", localeWords...)
	cli.CompleteFlag(command, "license", licenseWords...)
	query.CompleteAssigned(s, command)
}

// givenTexts returns the fields whose flags are given. The value is nil for an empty flag, which
// removes the field.
func givenTexts(command *cobra.Command) (map[string]any, error) {
	given := map[string]any{}
	for _, text := range textFlags {
		flag := command.Flags().Lookup(text.flag)
		if !flag.Changed {
			continue
		}
		value := flag.Value.String()
		var err error
		switch {
		case value == "":
			given[text.field] = nil
			continue
		case text.flag == "role":
			value, err = cli.Choose(text.flag, value, assignableRoles...)
		case text.flag == "locale":
			value, err = cli.Choose(text.flag, value, localeWords...)
		case text.flag == "license":
			value, err = cli.Choose(text.flag, value, licenseWords...)
		}
		if err != nil {
			return nil, err
		}
		if problem := roster.CheckObjectName(roster.Column(text.field), value); problem != "" {
			return nil, cli.UsageErrorf("--%s: %s", text.flag, problem)
		}
		given[text.field] = value
	}
	return given, nil
}

func parseTeams(flag string, words []string) ([]string, error) {
	teams := []string{}
	for _, name := range words {
		switch {
		case name == "":
			return nil, cli.UsageErrorf("--%s has an empty name: give names of teams", flag)
		case slices.Contains(teams, name):
			return nil, cli.UsageErrorf("--%s names team %s twice", flag, name)
		}
		if problem := roster.CheckObjectName(roster.TeamsColumn, name); problem != "" {
			return nil, cli.UsageErrorf("--%s: %s", flag, problem)
		}
		teams = append(teams, name)
	}
	return teams, nil
}

// parseGroups reads memberships that are written as name or name:priority. The priority is 0 where
// none is given.
func parseGroups(flag string, words []string) ([]v1alpha1.SkillGroupReference, error) {
	groups := []v1alpha1.SkillGroupReference{}
	for _, word := range words {
		name, digits, hasPriority := strings.Cut(word, ":")
		group := v1alpha1.SkillGroupReference{Name: name}
		if name == "" {
			return nil, cli.UsageErrorf("--%s %q: give the name of a skill group, or name:priority", flag, word)
		}
		if hasPriority {
			priority, err := strconv.ParseInt(digits, 10, 32)
			if err != nil || priority < 1 || priority > 5 {
				return nil, cli.UsageErrorf("--%s %q: the priority is a number from 1 (highest) to 5", flag, word)
			}
			group.Priority = int32(priority)
		}
		if importplan.IndexOfGroup(groups, name) >= 0 {
			return nil, cli.UsageErrorf("--%s names skill group %s twice", flag, name)
		}
		groups = append(groups, group)
	}
	return groups, nil
}
