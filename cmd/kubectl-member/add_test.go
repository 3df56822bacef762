package main

import (
	"fmt"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestAddCreatesAMemberWithOnlyTheGivenFields(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.SkillGroup("billing"), env.SkillGroup("sales"))
	var seen transcript
	run := func(arguments ...string) {
		seen.note(env.plugin(arguments...), arguments...)
	}
	run("add", "ana", "--email", "ana@example.com", "--name", "Ana Lima", "--nickname", "Ani", "--agent-id", "0042", "--role", "supervisor",
		"--phone", "+14155550123", "--extension", "1024", "--group", "billing:1", "--group", "sales", "--locale", "zh-cn", "--wait")
	spec := env.GetMember("ana").Spec
	want := v1alpha1.MemberSpec{
		Email: "ana@example.com", Name: "Ana Lima", Nickname: "Ani", AgentID: "0042", Role: v1alpha1.RoleSupervisor,
		Phone: "+14155550123", Extension: "1024", Locale: v1alpha1.LocaleChinese, Active: spec.Active,
		SkillGroups: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}},
	}
	if fmt.Sprintf("%+v", spec) != fmt.Sprintf("%+v", want) || !*spec.Active {
		t.Errorf("the Member has %+v, not %+v", spec, want)
	}
	run("add", "ben", "--email", "ben@example.com", "--inactive", "-o", "name")
	if *env.GetMember("ben").Spec.Active {
		t.Error("ben is active")
	}
	run("add", "cy", "--email", "cy@example.com", "--group", "billing", "--dry-run=client", "-o", "yaml")
	run("add", "cy", "--email", "cy@example.com", "--dry-run=server", "-o", "json")
	run("add", "cy", "--email", "cy@example.com", "--dry-run=server")
	if !env.isGone("cy") {
		t.Error("a dry run made cy")
	}
	run("add", "ana", "--email", "ana2@example.com")
	run("add", "cy", "--email", "cy", "--phone", "4155550123")
	run("add", "Cy", "--email", "cy@example.com")
	run("add", "super-admin", "--email", "cy@example.com")
	run("add", "cy")
	run("add", "--email", "cy@example.com")
	run("add", "cy", "--email", "cy@example.com", "--role", "SuperAdmin")
	run("add", "cy", "--email", "cy@example.com", "--group", "billing:9")
	goldentest.Compare(t, "add", seen.String())
}
