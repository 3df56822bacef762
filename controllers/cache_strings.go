package controllers

import (
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// maxSharedStrings limits how many strings are kept; a few hundred are in use.
const maxSharedStrings = 16 << 10

// sharedStrings lets objects in the cache share equal strings. Decoding creates separate
// copies for each object: names of fields and conditions, reasons, and messages took up
// a third of a Member's memory.
type sharedStrings struct {
	mu      sync.Mutex
	strings map[string]string
}

func newSharedStrings() *sharedStrings { return &sharedStrings{strings: map[string]string{}} }

// latest returns the kept copy of a value, or keeps the value in place of the last one with
// the same key.
func (s *sharedStrings) latest(key, value string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, ok := s.strings[key]
	if ok && known == value {
		return known
	}
	if ok || len(s.strings) < maxSharedStrings {
		s.strings[key] = value
	}
	return value
}

// share replaces a string with its shared copy.
func share[T ~string](s *sharedStrings, value *T) {
	*value = T(s.latest(string(*value), string(*value)))
}

// shareMessage replaces a condition's message with the shared copy of its reason: most
// Members have the same one, and the number of different messages is unlimited.
func (s *sharedStrings) shareMessage(condition *metav1.Condition) {
	condition.Message = s.latest(condition.Type+"/"+condition.Reason, condition.Message)
}

// shareMember replaces the strings of a Member, and removes spare capacity of its lists.
func (s *sharedStrings) shareMember(member *v1alpha1.Member) {
	share(s, &member.Kind)
	share(s, &member.APIVersion)
	share(s, &member.Namespace)
	share(s, &member.Spec.Role)
	member.Spec.SkillGroups = slices.Clone(member.Spec.SkillGroups)
	for i := range member.Spec.SkillGroups {
		share(s, &member.Spec.SkillGroups[i].Name)
	}
	status := &member.Status
	share(s, &status.Login)
	share(s, &status.LoginReason)
	status.SkillGroups = slices.Clone(status.SkillGroups)
	for i := range status.SkillGroups {
		share(s, &status.SkillGroups[i].Name)
		share(s, &status.SkillGroups[i].Source)
	}
	if status.Mail != nil {
		share(s, &status.Mail.Settings)
	}
	status.Conditions = slices.Clone(status.Conditions)
	for i := range status.Conditions {
		condition := &status.Conditions[i]
		share(s, &condition.Type)
		share(s, &condition.Status)
		share(s, &condition.Reason)
		s.shareMessage(condition)
	}
}

// shareSecret replaces the strings of a Secret.
func (s *sharedStrings) shareSecret(secret *corev1.Secret) {
	share(s, &secret.Namespace)
	share(s, &secret.Type)
	share(s, &secret.Kind)
	share(s, &secret.APIVersion)
	for i := range secret.OwnerReferences {
		share(s, &secret.OwnerReferences[i].APIVersion)
		share(s, &secret.OwnerReferences[i].Kind)
	}
	secret.Labels = shareKeys(s, secret.Labels)
	secret.Annotations = shareKeys(s, secret.Annotations)
	secret.Data = shareKeys(s, secret.Data)
}

// shareKeys returns a copy of a map with shared keys.
func shareKeys[V any](s *sharedStrings, from map[string]V) map[string]V {
	if from == nil {
		return nil
	}
	to := make(map[string]V, len(from))
	for key, value := range from {
		share(s, &key)
		to[key] = value
	}
	return to
}
