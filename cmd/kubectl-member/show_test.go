package main

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestShowSaysThatTheUserCannotReadEvents(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"))
	about := metav1.ObjectMeta{Namespace: d.namespace, Name: "watcher"}
	d.create(
		&rbacv1.Role{ObjectMeta: about, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"rollcall.dev"}, Resources: []string{"members"}, Verbs: []string{"get"}}}},
		&rbacv1.RoleBinding{
			ObjectMeta: about, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "watcher"},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "watcher"}},
		},
	)
	got := d.plugin("show", "ana", "--as", "watcher").done(t)
	if want := "not shown: you are not allowed to list events in namespace " + d.namespace; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
