package directory

import (
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/gate"
	"rollcall.dev/rollcall/internal/password"
)

// testTime is the time at which the tests take place.
var testTime = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func atTestTime() time.Time { return testTime }

// testMember returns ana, whose login is allowed.
func testMember(change func(*v1alpha1.Member)) *v1alpha1.Member {
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: "ana", UID: "uid-ana"},
		Spec:       v1alpha1.MemberSpec{Email: "Ana@example.com", Role: v1alpha1.RoleDeskStaff, AgentID: "A-7"},
		Status: v1alpha1.MemberStatus{
			Login: v1alpha1.LoginAllowed, LoginReason: v1alpha1.LoginReasonActive,
			Claims:      &v1alpha1.Claims{Email: "ana@example.com"},
			Credentials: &v1alpha1.CredentialsStatus{IssueID: "issue-1"},
			SkillGroups: []v1alpha1.SkillGroupMembership{{Name: "billing"}, {Name: "sales"}},
			Conditions: []metav1.Condition{{
				Type: v1alpha1.LoginAllowedCondition, Status: metav1.ConditionTrue, LastTransitionTime: metav1.NewTime(testTime.Add(-time.Hour)),
			}},
		},
	}
	if change != nil {
		change(member)
	}
	return member
}

// testSecret returns the Secret of testMember.
func testSecret(change func(*corev1.Secret)) *corev1.Secret {
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "desk", Name: "ana-credentials",
			Annotations: map[string]string{
				v1alpha1.IssueIDAnnotation:  "issue-1",
				v1alpha1.ChecksumAnnotation: password.Checksum("issue-1", "Ana@example.com", "correct"),
			},
			OwnerReferences: []metav1.OwnerReference{{
				APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member", Name: "ana", UID: "uid-ana", Controller: new(true),
			}},
		},
		Type: v1alpha1.AuthSecretType,
		Data: map[string][]byte{corev1.BasicAuthUsernameKey: []byte("Ana@example.com"), corev1.BasicAuthPasswordKey: []byte("correct")},
	}
	if change != nil {
		change(secret)
	}
	return secret
}

// newTestDirectory returns a directory and its feeds by resource. They have no
// source.
func newTestDirectory(now func() time.Time) (*Directory, map[string]*feed) {
	d := New(now, logr.Discard())
	feeds := map[string]*feed{
		"members": d.members.feed(d, nil, ""), "secrets": d.credentials.feed(d, nil, ""),
		"contactcenters": d.contactCenters.feed(d, nil, ""), "sessionkeys": d.sessionKeys.feed(d, nil, ""),
		"sites": d.sites.feed(d, nil, ""), "teams": d.teams.feed(d, nil, ""), "desktopprofiles": d.desktopProfiles.feed(d, nil, ""),
	}
	d.feeds[""] = []*feed{feeds["members"], feeds["secrets"], feeds["contactcenters"]}
	d.whoamiFeeds[""] = []*feed{feeds["sites"], feeds["teams"], feeds["desktopprofiles"]}
	d.keysFeed = feeds["sessionkeys"]
	return d, feeds
}

// replaceAll gives a feed all objects of its resource, as a list does.
func replaceAll(t *testing.T, feed *feed, objects ...any) {
	t.Helper()
	if err := feed.Replace(objects, "1"); err != nil {
		t.Fatal(err)
	}
}

// keySecret returns a Secret with one session key.
func keySecret() *corev1.Secret {
	return &corev1.Secret{Data: map[string][]byte{"20260302T090000Z": make([]byte, gate.SessionKeyBytes)}}
}

// addTo adds objects to a feed, as events do.
func addTo(t *testing.T, feed *feed, objects ...any) {
	t.Helper()
	for _, object := range objects {
		if err := feed.Add(object); err != nil {
			t.Fatal(err)
		}
	}
}

// deleteFrom deletes an object from a feed, as an event does.
func deleteFrom(t *testing.T, feed *feed, object any) {
	t.Helper()
	if err := feed.Delete(object); err != nil {
		t.Fatal(err)
	}
}

func noAuditProblem() error { return nil }

// recordsOf returns how many records a directory has.
func recordsOf(d *Directory) int {
	return len(d.members.records) + len(d.index.byUID) + len(d.index.byEmail) + len(d.credentials.records) + len(d.contactCenters.records) +
		len(d.sites.records) + len(d.teams.records) + len(d.desktopProfiles.records) + len(d.sessionKeys.records)
}
