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
