package directory

import (
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/password"
)

func TestSecretThatDiffersFromTheIssuedOneIsIgnored(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*corev1.Secret){
		"password edited":  func(s *corev1.Secret) { s.Data[corev1.BasicAuthPasswordKey] = []byte("chosen") },
		"user name edited": func(s *corev1.Secret) { s.Data[corev1.BasicAuthUsernameKey] = []byte("bo@example.com") },
		"issue ID edited":  func(s *corev1.Secret) { s.Annotations[v1alpha1.IssueIDAnnotation] = "issue-2" },
		"no checksum":      func(s *corev1.Secret) { delete(s.Annotations, v1alpha1.ChecksumAnnotation) },
		"no annotations":   func(s *corev1.Secret) { s.Annotations = nil },
		"no data":          func(s *corev1.Secret) { s.Data = nil },
		"no owner":         func(s *corev1.Secret) { s.OwnerReferences = nil },
		"another Member":   func(s *corev1.Secret) { s.OwnerReferences[0].UID = "uid-former" },
		"another kind":     func(s *corev1.Secret) { s.OwnerReferences[0].Kind = "Agent" },
		"not controller":   func(s *corev1.Secret) { s.OwnerReferences[0].Controller = nil },
		"another type":     func(s *corev1.Secret) { s.Type = corev1.SecretTypeOpaque },
		"another name":     func(s *corev1.Secret) { s.Name = "ana" },
		"another address": func(s *corev1.Secret) {
			s.Data[corev1.BasicAuthUsernameKey] = []byte("ana@example.com")
			s.Annotations[v1alpha1.ChecksumAnnotation] = password.Checksum("issue-1", "ana@example.com", "correct")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			directory, feeds := newTestDirectory(atTestTime)
			replaceAll(t, feeds["members"], testMember(nil))
			replaceAll(t, feeds["secrets"], testSecret(nil))
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID == "" {
				t.Fatal("the Secret as issued is ignored")
			}
			edited := testSecret(change)
			if edited.Name == "ana-credentials" {
				if err := feeds["secrets"].Update(edited); err != nil {
					t.Fatal(err)
				}
			} else {
				replaceAll(t, feeds["secrets"], edited)
			}
			if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
				t.Errorf("the Secret is accepted with the password %s, want it ignored", member.Credentials.IssueID)
			}
		})
	}
}

func TestEntryOfASecretDoesNotContainThePassword(t *testing.T) {
	t.Parallel()
	directory, _ := newTestDirectory(atTestTime)
	entry, err := directory.credentials.parse(testSecret(func(s *corev1.Secret) {
		s.Data["other"] = []byte("correct")
	}))
	if err != nil {
		t.Fatal(err)
	}
	record := entry.record.(credentialsRecord) //nolint:forcetypeassert // the type of the table
	for _, text := range []string{string(record.owner), record.IssueID, record.Username, record.Checksum} {
		if strings.Contains(text, "correct") {
			t.Errorf("the password is in %q", text)
		}
	}
}

func TestPasswordCountsOnlyIfSecretAndStatusNameTheSameOne(t *testing.T) {
	t.Parallel()
	directory, feeds := newTestDirectory(atTestTime)
	issued := func(id string) func(*v1alpha1.Member) {
		return func(m *v1alpha1.Member) { m.Status.Credentials = &v1alpha1.CredentialsStatus{IssueID: id} }
	}
	replaceAll(t, feeds["members"], testMember(issued("issue-2")))
	replaceAll(t, feeds["secrets"], testSecret(nil))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
		t.Error("the status names a newer password, but the old one counts")
	}
	replaceAll(t, feeds["members"], testMember(func(m *v1alpha1.Member) { m.Status.Credentials = nil }))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "" {
		t.Error("the status names no password, but one counts")
	}
	replaceAll(t, feeds["members"], testMember(issued("issue-1")))
	if member, _ := directory.MemberByUID("desk", "uid-ana"); member.Credentials.IssueID != "issue-1" {
		t.Error("both name the same password, but it does not count")
	}
}

func TestContactCenterPoliciesReachTheGate(t *testing.T) {
	t.Parallel()
	spec := v1alpha1.ContactCenterSpec{LoginURL: "https://desk.example.com/login", Gate: &v1alpha1.Gate{Policies: []v1alpha1.GatePolicy{
		{Name: "billing-desk", Roles: []v1alpha1.Role{v1alpha1.RoleSupervisor}, SkillGroups: []string{"billing"}},
	}}}
	_, center, ok := readCenter(&v1alpha1.ContactCenter{Spec: spec})
	policy := center.Policies["billing-desk"]
	if !ok || !slices.Equal(policy.Roles, []string{"Supervisor"}) || !slices.Equal(policy.SkillGroups, []string{"billing"}) {
		t.Errorf("the policy is %+v (valid: %t)", policy, ok)
	}
	if _, _, ok := readCenter(&v1alpha1.ContactCenter{Spec: v1alpha1.ContactCenterSpec{LoginURL: "://"}}); ok {
		t.Error("a contact center without a login URL is valid")
	}
}
