package controllers

import (
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// maxSharedWords bounds what is kept for sharing; there are some hundred in use.
const maxSharedWords = 16 << 10

// sharedWords has objects in the cache share the strings that most of them have.
// Decoding gives each object its own: names of fields and conditions, reasons, and
// messages that are the same for everybody were a third of a Member's memory.
type sharedWords struct {
	mu    sync.Mutex
	words map[string]string
	// messages has the last message of each reason. Most Members have the same one;
	// of the others there is no end.
	messages map[string]string
}

func newSharedWords() *sharedWords {
	return &sharedWords{words: map[string]string{}, messages: map[string]string{}}
}

// share has a string be the one that others have.
func share[T ~string](s *sharedWords, word *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.words[string(*word)]; ok {
		*word = T(known)
	} else if len(s.words) < maxSharedWords {
		s.words[string(*word)] = string(*word)
	}
}

// shareMessage has a message be the one that others with the same reason have.
func (s *sharedWords) shareMessage(condition *metav1.Condition) {
	s.mu.Lock()
	defer s.mu.Unlock()
	about := condition.Type + "/" + condition.Reason
	if known := s.messages[about]; known == condition.Message {
		condition.Message = known
		return
	}
	s.messages[about] = condition.Message
}

// member has a Member share its strings, and its lists be as long as they need.
func (s *sharedWords) member(member *v1alpha1.Member) {
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

// secret has a Secret share its strings.
func (s *sharedWords) secret(secret *corev1.Secret) {
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

// shareKeys makes a map whose keys are shared.
func shareKeys[V any](s *sharedWords, from map[string]V) map[string]V {
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
