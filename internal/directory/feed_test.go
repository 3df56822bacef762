package directory

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestListReplacesEarlierRecords(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	other := testMember(func(m *v1alpha1.Member) { m.Namespace, m.UID = "sales", "uid-sales" })
	center := &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "default"},
		Spec:       v1alpha1.ContactCenterSpec{DisplayName: "Desk", LoginURL: "https://desk.example.com/login"},
	}
	replaceAll(t, feeds["members"], testMember(nil), other)
	replaceAll(t, feeds["secrets"], testSecret(nil))
	replaceAll(t, feeds["contactcenters"], center)
	replaceAll(t, feeds["members"], other)
	if _, ok := directory.MemberByUID("desk", "uid-ana"); ok {
		t.Error("a Member that the list lacks is still in the directory")
	}
	if _, ok := directory.MemberByEmail("desk", "ana@example.com"); ok {
		t.Error("its address is still in the directory")
	}
	if _, ok := directory.Center("desk"); !ok {
		t.Error("a list of Members removed the contact center")
	}
	for _, resource := range []string{"members", "secrets", "contactcenters"} {
		replaceAll(t, feeds[resource])
	}
	if n := recordsOf(directory); n > 0 {
		t.Errorf("the directory still has %d records", n)
	}
}

func TestSilentWatchMakesTheDirectoryStale(t *testing.T) {
	t.Parallel()
	now := testTime
	directory, feeds := newTestDirectory(func() time.Time { return now })
	mustFail := func(want string) {
		t.Helper()
		if err := directory.Fresh("desk"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Fresh returns %v, want %q in it", err, want)
		}
	}
	for _, resource := range []string{"members", "secrets", "contactcenters"} {
		replaceAll(t, feeds[resource])
	}
	mustFail("the cache of sessionkeys has not filled yet")
	replaceAll(t, feeds["sessionkeys"])
	now = now.Add(maxSilence)
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("Fresh after exactly the allowed silence: %v", err)
	}
	for _, resource := range []string{"members", "contactcenters", "sessionkeys"} {
		feeds[resource].UpdateResourceVersion("2")
	}
	now = now.Add(time.Second)
	mustFail("no event or bookmark for secrets for 2m31s")
	feeds["secrets"].UpdateResourceVersion("3")
	if err := directory.Fresh("desk"); err != nil {
		t.Errorf("Fresh after a bookmark: %v", err)
	}
}

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
		addTo(t, feeds["members"], third, duplicate)
		deleteFrom(t, feeds["members"], deleted)
		if member, ok := directory.MemberByEmail("desk", "ana@example.com"); !ok || member.Name != "ana" {
			t.Errorf("after the deletion of %s, the address belongs to %q, want ana", deleted.Name, member.Name)
		}
	}
	replaceAll(t, feeds["members"], duplicate, testMember(nil))
	deleteFrom(t, feeds["members"], testMember(nil))
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
	addTo(t, feeds["members"], testMember(func(m *v1alpha1.Member) { m.UID = "uid-next" }))
	if _, ok := directory.MemberByUID("desk", "uid-ana"); ok {
		t.Error("the former Member is still in the directory")
	}
	if member, ok := directory.MemberByUID("desk", "uid-next"); !ok || member.Credentials.IssueID != "" {
		t.Errorf("the new Member (found: %t) has the password %q of the former one", ok, member.Credentials.IssueID)
	}
}
