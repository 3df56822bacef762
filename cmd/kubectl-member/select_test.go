package main

import (
	"fmt"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
	"rollcall.dev/rollcall/cmd/kubectl-member/memberinfo"
)

func TestMembersAreSelectedByLabelAndBySkillGroup(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	billing := env.SkillGroup("billing")
	billing.Spec.Members = []v1alpha1.GroupMember{{Name: "ben"}}
	env.CreateAll(billing, env.SkillGroup("empty"))
	for _, name := range []string{"ana", "ben", "cy"} {
		member := env.Member(name)
		if name != "cy" {
			member.Labels = map[string]string{"team": "night"}
		}
		if name != "ana" {
			member.Spec.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing"}}
		}
		env.CreateAll(member)
	}
	env.await("ana", "ben", "cy")
	env.Eventually("the memberships", func() error {
		for _, name := range []string{"ben", "cy"} {
			if member := env.GetMember(name); !memberinfo.IsInGroup(member, "billing") {
				return fmt.Errorf("%s is not in it", name)
			}
		}
		return nil
	})
	var seen transcript
	for _, arguments := range [][]string{
		{"force-offline", "-l", "team=night", "--dry-run=server"},
		{"force-offline", "--group", "billing", "--dry-run=server"},
		{"force-offline", "--group", "billing", "-l", "team in (night)", "--dry-run=server"},
		{"force-offline", "--group", "empty"},
		{"force-offline", "--group", "unknown"},
		{"force-offline", "-l", "team=day"},
		{"force-offline", "-l", "team in"},
		{"force-offline", "ana", "-l", "team=night"},
		{"force-offline", ""},
		{"force-offline"},
		{"force-offline", "--all"},
	} {
		seen.note(env.plugin(arguments...), arguments...)
	}
	goldentest.Compare(t, "selection", seen.String())
}
