package main

import (
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// maxMembers have an extension of six digits each.
	maxMembers = 500_000
	// groups is how many skill groups there are.
	groups = 50
)

// newMember is the Member of that number, who is in two skill groups.
func newMember(namespace string, i int) *v1alpha1.Member {
	name := fmt.Sprintf("member-%06d", i)
	return &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.MemberSpec{
			Name:        fmt.Sprintf("Member Number %d", i),
			Email:       name + "@example.com",
			AgentID:     fmt.Sprintf("A%06d", i),
			Extension:   strconv.Itoa(100_000 + i),
			Role:        v1alpha1.RoleDeskStaff,
			SkillGroups: []v1alpha1.SkillGroupReference{{Name: groupName(i)}, {Name: groupName(i + 1)}},
		},
	}
}

// newCenter returns the ContactCenter of a benchmark, which sends mail to the server;
// nil: none.
func newCenter(namespace string, server *smtptest.Server) *v1alpha1.ContactCenter {
	center := testenv.ContactCenter(namespace, server)
	center.Spec.DisplayName, center.Spec.SuperAdmin.Name = "Benchmark", ""
	if server != nil {
		center.Spec.Mail.From = "Benchmark <rollcall@example.com>"
	}
	return center
}

func groupName(i int) string { return fmt.Sprintf("group-%02d", i%groups) }
