package controllers

import (
	"testing"
	"unsafe"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/api/v1alpha1"
)

func TestObjectsInTheCacheShareWhatIsTheSameAndLoseNothing(t *testing.T) {
	t.Parallel()
	words := newSharedWords()
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
	first, second, third := member("ana", "all is well"), member("wei", "all is well"), member("tom", "waits")
	for _, one := range []*v1alpha1.Member{first, second, third} {
		before := one.DeepCopy()
		words.member(one)
		if !equality.Semantic.DeepEqual(before, one) {
			t.Errorf("%+v became %+v", before, one)
		}
	}
	for what, strings := range map[string][2]string{
		"the namespace": {first.Namespace, second.Namespace},
		"the group":     {first.Spec.SkillGroups[0].Name, second.Status.SkillGroups[0].Name},
		"the reason":    {first.Status.Conditions[0].Reason, third.Status.Conditions[0].Reason},
		"the message":   {first.Status.Conditions[0].Message, second.Status.Conditions[0].Message},
	} {
		if unsafe.StringData(strings[0]) != unsafe.StringData(strings[1]) {
			t.Errorf("%s is there twice", what)
		}
	}
	secret := decoded(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: "ana-credentials", Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"}},
		Data:       map[string][]byte{"username": []byte("ana")}, Type: corev1.SecretTypeBasicAuth,
	})
	before := secret.DeepCopy()
	words.secret(secret)
	if !equality.Semantic.DeepEqual(before, secret) {
		t.Error("the Secret became another one")
	}
}

func TestTheSharedWordsAreBounded(t *testing.T) {
	t.Parallel()
	words := newSharedWords()
	for i := range maxSharedWords + 10 {
		word := string(rune(i)) + "!"
		share(words, &word)
	}
	if got := len(words.words); got > maxSharedWords {
		t.Errorf("%d words are kept", got)
	}
}

// decoded is an object with strings of its own, as it comes from the API server.
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
