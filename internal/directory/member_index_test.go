package directory

import (
	"testing"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestMemberByEmailReturnsTheHolderOfTheAddress(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	duplicate := testMember(func(m *v1alpha1.Member) {
		m.Name, m.UID, m.Spec.Email, m.Status.Claims = "duplicate", "uid-duplicate", "ana@EXAMPLE.com", nil
	})
	replaceAll(t, feeds["members"], duplicate, testMember(nil))
	replaceAll(t, feeds["secrets"], testSecret(nil))
	for _, email := range []string{"Ana@example.com", "ana@example.com", "ANA@EXAMPLE.COM"} {
		member, ok := directory.MemberByEmail("desk", email)
		if !ok || member.Name != "ana" || member.Email != "Ana@example.com" || member.Credentials.IssueID != "issue-1" {
			t.Errorf("%s is %+v (found: %t), want ana with the password issue-1", email, member, ok)
		}
	}
	for namespace, email := range map[string]string{"desk": "bo@example.com", "other": "ana@example.com"} {
		if member, ok := directory.MemberByEmail(namespace, email); ok {
			t.Errorf("%s in %s is %s, want no member", email, namespace, member.Name)
		}
	}
	third := testMember(func(m *v1alpha1.Member) {
		m.Name, m.UID, m.Status.Claims = "third", "uid-third", nil
	})
	// Deleting the first, the last, or a middle record keeps the others.
	for _, deleted := range []*v1alpha1.Member{duplicate, third, duplicate} {
		if err := feeds["members"].Add(third); err != nil {
			t.Fatal(err)
		}
		if err := feeds["members"].Add(duplicate); err != nil {
			t.Fatal(err)
		}
		if err := feeds["members"].Delete(deleted); err != nil {
			t.Fatal(err)
		}
		if member, ok := directory.MemberByEmail("desk", "ana@example.com"); !ok || member.Name != "ana" {
			t.Errorf("after the deletion of %s, the address belongs to %q, want ana", deleted.Name, member.Name)
		}
	}
	replaceAll(t, feeds["members"], duplicate, testMember(nil))
	if err := feeds["members"].Delete(testMember(nil)); err != nil {
		t.Fatal(err)
	}
	if member, ok := directory.MemberByEmail("desk", "ana@example.com"); ok {
		t.Errorf("the address belongs to %s, which does not hold it", member.Name)
	}
	if _, ok := directory.MemberByUID("desk", "uid-duplicate"); !ok {
		t.Error("deleting a Member deleted its duplicate")
	}
}

func TestMemberRecreatedWithTheSameNameIsAnotherMember(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	replaceAll(t, feeds["members"], testMember(nil))
	replaceAll(t, feeds["secrets"], testSecret(nil))
	if err := feeds["members"].Add(testMember(func(m *v1alpha1.Member) { m.UID = "uid-next" })); err != nil {
		t.Fatal(err)
	}
	if _, ok := directory.MemberByUID("desk", "uid-ana"); ok {
		t.Error("the former Member is still in the directory")
	}
	if member, ok := directory.MemberByUID("desk", "uid-next"); !ok || member.Credentials.IssueID != "" {
		t.Errorf("the new Member (found: %t) has the password %q of the former one", ok, member.Credentials.IssueID)
	}
}
