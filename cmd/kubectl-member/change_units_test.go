package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestTheEndOfACutOffIsATimeToCome(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 8, 0, 0, 300, time.UTC)
	for _, test := range []struct {
		flags []string
		want  string // the time, or a part of the refusal
	}{
		{nil, "0001-01-01T00:00:00Z"},
		{[]string{"--for=8h"}, "2030-01-01T16:00:01Z"},
		{[]string{"--for=1ms"}, "2030-01-01T08:00:01Z"},
		{[]string{"--until=2030-01-01T10:00:00+01:00"}, "2030-01-01T09:00:00Z"},
		{[]string{"--until=2030-01-01T08:00:00Z"}, "has passed (it is 2030-01-01T08:00:00Z)"},
		{[]string{"--until=2030-01-01T08:00:00.5Z"}, "has passed"},
		{[]string{"--until=2029-12-31T08:00:00Z"}, "has passed"},
		{[]string{"--until=tomorrow"}, "for example 2030-01-01T09:00:00Z"},
		{[]string{"--until="}, "is no time"},
		{[]string{"--for=0"}, "longer than nothing"},
		{[]string{"--for=-1h"}, "longer than nothing"},
		{[]string{"--for=8h", "--until=2031-01-01T10:00:00Z"}, "one or the other"},
		{[]string{"--reason=" + strings.Repeat("é", 256)}, "0001-01-01T00:00:00Z"},
		{[]string{"--reason=" + strings.Repeat("é", 257)}, "257 characters"},
	} {
		var asked cutOff
		command := &cobra.Command{}
		command.Flags().StringVar(&asked.until, "until", "", "")
		command.Flags().DurationVar(&asked.length, "for", 0, "")
		command.Flags().StringVar(&asked.reason, "reason", "", "")
		if err := command.ParseFlags(test.flags); err != nil {
			t.Fatal(err)
		}
		end, err := asked.end(command, now)
		got := end.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != test.want || err != nil && !strings.Contains(got, test.want) {
			t.Errorf("%.40v: %s, not %s", test.flags, got, test.want)
		}
	}
}

func TestMembershipsAreWrittenAsNameAndPriority(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ words, want string }{
		{"billing", "[{billing 0}]"},
		{"billing:1,sales:5", "[{billing 1} {sales 5}]"},
		{"billing:0", "from 1 (first) to 5"},
		{"billing:6", "from 1 (first) to 5"},
		{"billing:", "from 1 (first) to 5"},
		{":1", "write the name"},
		{"billing,billing:2", "twice"},
	} {
		groups, err := parseGroups("group", strings.Split(test.words, ","))
		got := fmt.Sprint(groups)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, not %s", test.words, got, test.want)
		}
	}
}

func TestAMemberThatWasAddedAgainIsNotChangedInPlaceOfTheOneThatWasMeant(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	meant := d.member("ana")
	d.create(meant)
	if err := d.Delete(t.Context(), meant.DeepCopy()); err != nil {
		t.Fatal(err)
	}
	d.create(d.member("ana"))
	_, err := patchMember(t.Context(), d, meant.DeepCopy(), map[string]any{"forceOffline": true}, dryRunNone)
	if err == nil || d.get("ana").Spec.ForceOffline {
		t.Fatal("it is changed")
	}
	if words := explained("ana", d.namespace, err).Error(); !strings.Contains(words, "deleted and added again") {
		t.Errorf("it is said that %s", words)
	}
	if _, err := deleteMember(t.Context(), d, meant.DeepCopy(), dryRunNone); err == nil || d.isGone("ana") {
		t.Error("it is deleted")
	}
}

func TestAddedAndRemovedSkillGroupsLeaveTheOthersAsTheyAre(t *testing.T) {
	t.Parallel()
	before := []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 1}, {Name: "sales", Priority: 3}}
	for _, test := range []struct {
		plan    editPlan
		want    string
		differs bool
	}{
		{editPlan{add: []v1alpha1.SkillGroupReference{{Name: "night"}}}, "[{billing 1} {sales 3} {night 3}]", true},
		{editPlan{add: []v1alpha1.SkillGroupReference{{Name: "billing"}}}, "[{billing 1} {sales 3}]", false},
		{editPlan{add: []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 2}}}, "[{billing 2} {sales 3}]", true},
		{editPlan{remove: []string{"billing", "night"}}, "[{sales 3}]", true},
		{editPlan{remove: []string{"night"}}, "[{billing 1} {sales 3}]", false},
	} {
		after, differs := test.plan.groups(before)
		if fmt.Sprint(after) != test.want || differs != test.differs {
			t.Errorf("%+v: %v, %t; not %s, %t", test.plan, after, differs, test.want, test.differs)
		}
	}
	if fmt.Sprint(before) != "[{billing 1} {sales 3}]" {
		t.Errorf("what was given is changed to %v", before)
	}
}
