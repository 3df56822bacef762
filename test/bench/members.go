package main

import (
	"fmt"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
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

func groupName(i int) string { return fmt.Sprintf("group-%02d", i%groups) }
