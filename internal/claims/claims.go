package claims

import (
	"cmp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// uniqueEmail is an e-mail address as it is compared: regardless of case.
func uniqueEmail(member *v1alpha1.Member) string {
	return strings.ToLower(member.Spec.Email)
}

// IsOlder is whether an object was there before another: created earlier or, in the
// same second, with the lower UID.
func IsOlder(a, b metav1.Object) bool {
	created, other := a.GetCreationTimestamp(), b.GetCreationTimestamp()
	return cmp.Or(created.Compare(other.Time), cmp.Compare(a.GetUID(), b.GetUID())) < 0
}
