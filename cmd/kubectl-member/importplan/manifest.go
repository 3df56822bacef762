package importplan

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Manifest returns a Member for Git: without what the operator sets, and without daily actions
// (forcing offline, resetting the password), which Git would revert or repeat.
func Manifest(member *v1alpha1.Member) *v1alpha1.Member {
	made := &v1alpha1.Member{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.GroupVersion.String(), Kind: "Member"},
		ObjectMeta: metav1.ObjectMeta{Namespace: member.Namespace, Name: member.Name},
		Spec:       *member.Spec.DeepCopy(),
	}
	for label, value := range member.Labels {
		// No import may delete what Git creates.
		if label != v1alpha1.ImportedByLabel {
			metav1.SetMetaDataLabel(&made.ObjectMeta, label, value)
		}
	}
	made.Spec.ForceOffline, made.Spec.ForceOfflineUntil, made.Spec.ForceOfflineReason = false, nil, ""
	made.Spec.PasswordReset = ""
	return made
}
