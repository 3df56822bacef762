package main

import (
	"fmt"
	"sync"
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/goldentest"
)

func TestEditChangesOnlyTheGivenFields(t *testing.T) {
	t.Parallel()
	env := newContactCenter(t)
	env.CreateAll(env.SkillGroup("billing"), env.SkillGroup("sales"), env.Member("ana", func(spec *v1alpha1.MemberSpec) {
		spec.Nickname, spec.Extension = "Ana", "1024"
		spec.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "sales", Priority: 2}}
	}))
	env.await("ana")
	var seen transcript
	run := func(arguments ...string) v1alpha1.MemberSpec {
		seen.note(env.plugin(arguments...), arguments...)
		return env.GetMember("ana").Spec
	}
	if spec := run("edit", "ana", "--nickname", "Ani", "--extension", ""); spec.Nickname != "Ani" || spec.Extension != "" {
		t.Errorf("after nickname and extension: %+v", spec)
	}
	run("edit", "ana", "--nickname", "Ani")
	if spec := run("edit", "ana", "--add-group", "billing", "--wait"); fmt.Sprint(spec.SkillGroups) != "[{sales 2} {billing 3}]" {
		t.Errorf("after --add-group: %v", spec.SkillGroups)
	}
	run("edit", "ana", "--add-group", "sales")
	if spec := run("edit", "ana", "--add-group", "sales:5", "--remove-group", "billing", "--name", "Ana Lima"); fmt.Sprint(spec.SkillGroups) != "[{sales 5}]" || spec.Name != "Ana Lima" {
		t.Errorf("after --add-group and --remove-group: %+v", spec)
	}
	if spec := run("edit", "ana", "--set-group", "billing:1,sales"); fmt.Sprint(spec.SkillGroups) != "[{billing 1} {sales 3}]" {
		t.Errorf("after --set-group: %v", spec.SkillGroups)
	}
	if spec := run("edit", "ana", "--set-group", "", "--role", "", "--active=false", "-o", "name"); len(spec.SkillGroups) != 0 || *spec.Active {
		t.Errorf("after removing all: %+v", spec)
	}
	run("edit", "ana", "--agent-id", "7", "--active")
	run("edit", "ana", "--agent-id", "8")
	run("edit", "ana", "--phone", "1")
	run("edit", "ana")
	run("edit", "ana", "--group", "sales")
	run("edit", "ana", "--set-group", "a", "--add-group", "b")
	run("edit", "ana", "--add-group", "b", "--remove-group", "b")
	goldentest.Compare(t, "edit", seen.String())
}

func TestConcurrentEditsOfSkillGroupsLoseNothing(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"))
	var runs sync.WaitGroup
	for i := range 6 {
		runs.Go(func() {
			if a := env.plugin("edit", "ana", "--add-group", fmt.Sprintf("group-%d", i)); a.code != cli.ExitDone {
				t.Errorf("exit code %d: %s", a.code, a.err)
			}
		})
	}
	runs.Wait()
	if groups := env.GetMember("ana").Spec.SkillGroups; len(groups) != 6 {
		t.Errorf("she is in %v", groups)
	}
}
