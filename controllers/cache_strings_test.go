package controllers

import (
	"testing"
	"unsafe"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestCachedObjectsShareEqualStringsAndLoseNothing(t *testing.T) {
	t.Parallel()
	member := func(name, message string) *v1alpha1.Member {
		return decoded(t, &v1alpha1.Member{
			ObjectMeta: metav1.ObjectMeta{Namespace: "desk", Name: name},
			Spec:       v1alpha1.MemberSpec{SkillGroups: []v1alpha1.SkillGroupReference{{Name: "sales"}}},
			Status: v1alpha1.MemberStatus{
				SkillGroups: []v1alpha1.SkillGroupMembership{{Name: "sales", Source: v1alpha1.MembershipFromMember}},
				Conditions:  []metav1.Condition{{Type: "Ready", Status: metav1.ConditionTrue, Reason: "Ready", Message: message}},
			},
		})
	}
	first, second, third := member("ana", "everything is in place"), member("wei", "everything is in place"), member("tom", "waits")
	for _, member := range []*v1alpha1.Member{first, second, third} {
		before := member.DeepCopy()
		shareStrings(member)
		if !equality.Semantic.DeepEqual(before, member) {
			t.Errorf("%+v became %+v", before, member)
		}
	}
	for name, strings := range map[string][2]string{
		"the namespace": {first.Namespace, second.Namespace},
		"the group":     {first.Spec.SkillGroups[0].Name, second.Status.SkillGroups[0].Name},
		"the reason":    {first.Status.Conditions[0].Reason, third.Status.Conditions[0].Reason},
		"the message":   {first.Status.Conditions[0].Message, second.Status.Conditions[0].Message},
	} {
		if unsafe.StringData(strings[0]) != unsafe.StringData(strings[1]) {
			t.Errorf("%s is stored twice", name)
		}
	}
}

// decoded returns a copy of an object with strings of its own, as after decoding.
func decoded[T any](t *testing.T, object *T) *T {
	t.Helper()
	text, err := yaml.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	copied := new(T)
	if err := yaml.Unmarshal(text, copied); err != nil {
		t.Fatal(err)
	}
	return copied
}
