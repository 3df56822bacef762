package importplan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// heldMember returns a Member as the API server has it.
func heldMember(name, email string, change ...func(*v1alpha1.Member)) v1alpha1.Member {
	active := true
	member := v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: name, UID: types.UID(name)},
		Spec:       v1alpha1.MemberSpec{Email: email, Role: v1alpha1.RoleDeskStaff, Active: &active},
	}
	for _, mutate := range change {
		mutate(&member)
	}
	return member
}

func imported(m *v1alpha1.Member) {
	m.Labels = map[string]string{v1alpha1.ImportedByLabel: v1alpha1.ImportedByValue}
}

func leaving(m *v1alpha1.Member) {
	m.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
}

func spec(mutate func(*v1alpha1.MemberSpec)) func(*v1alpha1.Member) {
	return func(m *v1alpha1.Member) { mutate(&m.Spec) }
}

// planFor plans a csv with existing Members and objects.
func planFor(t *testing.T, mode Mode, text string, members ...v1alpha1.Member) Plan {
	t.Helper()
	sheet, faults, err := roster.Read(strings.NewReader(text), "m.csv", roster.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	existing := NewExisting("desk")
	existing.Objects[roster.SkillGroupsColumn] = map[string]bool{"billing": true}
	existing.Objects[roster.UserProfileColumn] = map[string]bool{"supervisor": true}
	existing.Objects[roster.SiteColumn] = map[string]bool{"paris": true}
	existing.Objects[roster.TeamsColumn] = map[string]bool{"day": true, "night": true, "calls": true, "closed": true, "lyon": true}
	existing.Teams = map[string]Team{
		"day": {site: "paris"}, "night": {site: "paris"}, "lyon": {site: "lyon"},
		"calls": {site: "paris", state: teamIsCapacity}, "closed": {site: "paris", state: teamIsInactive},
	}
	for i := range members {
		existing.Add(&members[i])
	}
	return New(sheet, faults, mode, ControlHubRules{Services: roster.AddServices}, existing)
}

// inShort returns one line for each step and fault of a plan.
func inShort(plan Plan) []string {
	var words []string
	for _, steps := range [][]Step{plan.Deletions, plan.Additions, plan.Changes} {
		for _, step := range steps {
			word := step.Did() + " " + step.Member.Name
			if step.Operation == OperationChange {
				word += fmt.Sprint(" ", step.Patch)
			}
			words = append(words, word)
		}
	}
	if plan.Unchanged > 0 {
		words = append(words, fmt.Sprint("unchanged ", plan.Unchanged))
	}
	if plan.Skipped > 0 {
		words = append(words, fmt.Sprint("skipped ", plan.Skipped))
	}
	for _, fault := range plan.Faults {
		words = append(words, fault.String())
	}
	return words
}

func TestAPlanWritesOnlyDifferences(t *testing.T) {
	t.Parallel()
	ana := heldMember("ana", "ana@example.com")
	full := heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) {
		no := false
		s.Name, s.Nickname, s.AgentID, s.Phone, s.Extension = "Ana Pop", "Ana", "A-1", "+14155550123", "1024"
		s.Role, s.Active = v1alpha1.RoleSupervisor, &no
		s.SkillGroups = []v1alpha1.SkillGroupReference{{Name: "billing", Priority: 3}}
	}))
	for name, test := range map[string]struct {
		mode    Mode
		text    string
		members []v1alpha1.Member
		want    []string
	}{
		"a new row is added under the name of its agent ID, or its address": {
			ModeAdd, "email,agent ID\nana@example.com,A_1\nben.li@example.com,\n", nil,
			[]string{"added a-1", "added ben-li"},
		},
		"a Member with the same address in another case is the same person": {
			ModeAdd, "email\nANA@Example.com\n", []v1alpha1.Member{ana}, []string{"unchanged 1"},
		},
		"a Member added by hand under another name is changed, not duplicated": {
			ModeUpsert, "email,agent ID,nickname\nana@example.com,A-1,Annie\n",
			[]v1alpha1.Member{ana},
			[]string{"changed: agentID, nickname ana map[agentID:A-1 nickname:Annie]"},
		},
		"differences are skipped in mode add": {
			ModeAdd, "email,nickname\nana@example.com,Annie\n",
			[]v1alpha1.Member{ana},
			[]string{"skipped 1", "m.csv:2:email: warning: ana@example.com is already Member ana, which differs from this row in nickname: skipped; to change it, use --mode upsert"},
		},
		"an empty cell removes the field, but neither address nor agent ID": {
			ModeUpsert, "email,agent ID,name,nickname,role,phone,extension,skill groups,active\nana@example.com,,,,,,,,\n",
			[]v1alpha1.Member{full},
			[]string{"changed: name, nickname, role, phone, extension, skillGroups, active ana map[active:<nil> extension:<nil> name:<nil> nickname:<nil> phone:<nil> role:<nil> skillGroups:<nil>]"},
		},
		"a field without a column stays": {
			ModeUpsert, "email\nana@example.com\n", []v1alpha1.Member{full}, []string{"unchanged 1"},
		},
		"explicit defaults change nothing, with groups in any order": {
			ModeUpsert, "email,agent ID,name,nickname,role,phone,extension,skill groups,active\nana@example.com,A-1,Ana Pop,Ana,supervisor,+14155550123,1024,billing,no\n",
			[]v1alpha1.Member{full},
			[]string{"unchanged 1"},
		},
		"the role and the state of a Member are the defaults where the cells are empty": {
			ModeUpsert, "email,role,active\nana@example.com,,\n", []v1alpha1.Member{ana}, []string{"unchanged 1"},
		},
		"an extension that its holder gives up in the same file is free": {
			ModeUpsert, "email,extension\nana@example.com,1025\nben@example.com,1024\n",
			[]v1alpha1.Member{heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) { s.Extension = "1024" })), heldMember("ben", "ben@example.com", spec(func(s *v1alpha1.MemberSpec) { s.Extension = "1025" }))},
			[]string{"changed: extension ana map[extension:1025]", "changed: extension ben map[extension:1024]"},
		},
		"a sync deletes imported Members that are not in the file, and frees their extensions": {
			ModeSync, "email,extension\nben@example.com,1024\n",
			[]v1alpha1.Member{heldMember("ana", "ana@example.com", imported, spec(func(s *v1alpha1.MemberSpec) { s.Extension = "1024" })), heldMember("hand", "hand@example.com"), heldMember("gone", "gone@example.com", imported, leaving)},
			[]string{"deleted ana", "added ben"},
		},
		"an upsert deletes no Member": {
			ModeUpsert, "email\nben@example.com\n", []v1alpha1.Member{heldMember("ana", "ana@example.com", imported)}, []string{"added ben"},
		},
		"the Super Admin is left out": {
			ModeSync, "email,role\nsam@example.com,SuperAdmin\n",
			[]v1alpha1.Member{heldMember("super-admin", "sam@example.com", imported, spec(func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleSuperAdmin }))},
			[]string{"m.csv:2:role: warning: the operator creates the Super Admin from ContactCenter.spec.superAdmin: this row is skipped; change the ContactCenter instead, or write DeskAdmin, Supervisor or DeskStaff for any other person"},
		},
		"two Members whose derived names are the same keep the names they have": {
			ModeUpsert, "email\nana@example.com\nana@example.org\n", []v1alpha1.Member{ana, heldMember("ana-2", "ana@example.org")}, []string{"unchanged 2"},
		},
		"an unknown skill group is a warning, once": {
			ModeAdd, "email,skill groups\nana@example.com,billing:1;sales\nben@example.com,sales\n", nil,
			[]string{"added ana", "added ben", "m.csv:2:skill groups: warning: there is no SkillGroup sales yet: members join it when it is created; correct the name if it is a typo (1 more row names it)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := inShort(planFor(t, test.mode, test.text, test.members...)); !reflect.DeepEqual(got, test.want) {
				t.Errorf("planned\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestARowThatTheClusterContradictsIsAFault(t *testing.T) {
	t.Parallel()
	ana := heldMember("ana", "ana@example.com", spec(func(s *v1alpha1.MemberSpec) { s.AgentID, s.Extension = "A-1", "1024" }))
	for name, test := range map[string]struct{ text, want string }{
		"an address changed on a Member with the agent ID": {
			"mailbox,agent ID\nanna@example.com,A-1\n",
			"m.csv:2:mailbox: Member ana has the agent ID A-1 and the e-mail address ana@example.com, which cannot be changed to anna@example.com: write ana@example.com, or delete that member and add it again; for another person, write another agent ID",
		},
		"a derived name that another Member has": {
			"email\nana@example.org\n",
			"m.csv:2:email: the Member would be named ana, as the Member with the e-mail address ana@example.com: if it is the same person, delete that member, because e-mail addresses cannot be changed; if not, write a unique agent ID",
		},
		"an agent ID changed": {
			"email,工号\nana@example.com,A-2\n",
			"m.csv:2:工号: the agent ID of ana@example.com is A-1 and cannot be changed: write A-1, or delete Member ana and add it again",
		},
		"an agent ID that another Member has": {
			"email,agent ID\nben@example.com,A-1\n",
			"m.csv:2:agent ID: Member ana (ana@example.com) has the agent ID A-1: write another one",
		},
		"an extension that another Member has": {
			"email,ext\nnew@example.com,1024\n",
			"m.csv:2:ext: Member ana (ana@example.com) has the extension 1024: write another one, or leave the cell empty",
		},
		"an extension of another Member given to an existing one": {
			"email,ext\nben@example.com,1024\n",
			"m.csv:2:ext: Member ana (ana@example.com) has the extension 1024: write another one, or leave the cell empty",
		},
		"the Super Admin's address with another role": {
			"email,role\nsam@example.com,DeskAdmin\n",
			"m.csv:2:email: sam@example.com is the Super Admin's, which ContactCenter.spec.superAdmin describes: remove this row",
		},
		"a Member that is being deleted": {
			"email\nold@example.com\n",
			"m.csv:2:email: Member old with this e-mail address is being deleted: wait until it is gone, and import again",
		},
		"two new rows with the same derived name": {
			"email\nzoe@example.com\nzoe@example.org\n",
			"m.csv:3:email: the Member would be named zoe, as that of row 2: write a unique agent ID",
		},
		"a fault of the row and one against the cluster": {
			"email,phone,ext\nnew@example.com,33123456789,1024\n",
			"m.csv:2:ext: Member ana (ana@example.com) has the extension 1024: write another one, or leave the cell empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := planFor(t, ModeUpsert, test.text, ana, heldMember("ben", "ben@example.com"), heldMember("old", "old@example.com", leaving),
				heldMember("super-admin", "sam@example.com", spec(func(s *v1alpha1.MemberSpec) { s.Role = v1alpha1.RoleSuperAdmin })))
			if got := inShort(plan); !slices.Contains(got, test.want) {
				t.Errorf("the faults are\n%s\nwithout\n%s", strings.Join(got, "\n"), test.want)
			}
			if plan.Faulty() == 0 {
				t.Error("the plan has no fault")
			}
		})
	}
}

func TestOfSeveralMembersWithAnAddressTheHolderIsChanged(t *testing.T) {
	t.Parallel()
	first := heldMember("ana-1", "ana@example.com")
	holder := heldMember("ana-2", "Ana@example.com", func(m *v1alpha1.Member) {
		m.Status.Claims = &v1alpha1.Claims{Email: "ana@example.com"}
	})
	for _, members := range [][]v1alpha1.Member{{first, holder}, {holder, first}} {
		plan := planFor(t, ModeUpsert, "email,nickname\nana@example.com,Annie\n", members...)
		if len(plan.Changes) != 1 || plan.Changes[0].Member.Name != "ana-2" {
			t.Errorf("planned %v", inShort(plan))
		}
	}
}
