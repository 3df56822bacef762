package importplan

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Manifest is a Member as it goes into Git: its spec, without what the operator fills
// in, and without what is done to a Member in the course of a day (forcing offline,
// resetting the password), which Git would undo or do again if it said so.
func Manifest(member *v1alpha1.Member) *v1alpha1.Member {
	made := &v1alpha1.Member{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member"},
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name},
		Spec:       *member.Spec.DeepCopy(),
	}
	for label, value := range member.Labels {
		// What Git makes, no import may delete.
		if label != v1alpha1.ImportedByLabel {
			metav1.SetMetaDataLabel(&made.ObjectMeta, label, value)
		}
	}
	made.Spec.ForceOffline, made.Spec.ForceOfflineUntil, made.Spec.ForceOfflineReason = false, nil, ""
	made.Spec.PasswordReset = ""
	return made
}
