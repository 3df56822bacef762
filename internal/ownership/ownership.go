package ownership

import (
	"maps"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// MarkOurs labels an object and makes the Member its controller. No label of the
// Member is copied: Argo CD would take the object for one of its own and prune it.
func MarkOurs(member *v1alpha1.Member, object client.Object, scheme *runtime.Scheme) error {
	labels := maps.Clone(object.GetLabels())
	if labels == nil {
		labels = map[string]string{}
	}
	labels[v1alpha1.ManagedByLabel] = v1alpha1.ManagedByValue
	labels[v1alpha1.MemberLabel] = member.Name
	object.SetLabels(labels)
	return controllerutil.SetControllerReference(member, object, scheme)
}

// IsLabelled is whether an object has our labels for a Member.
func IsLabelled(object client.Object, member string) bool {
	labels := object.GetLabels()
	return labels[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue && labels[v1alpha1.MemberLabel] == member
}

// IsOurs is whether a RoleBinding was made for some Member of a name: by its
// labels, and by its controller unless that was lost.
func IsOurs(binding *rbacv1.RoleBinding, member string) bool {
	owner := metav1.GetControllerOf(binding)
	return IsLabelled(binding, member) && (owner == nil || IsMember(owner) && owner.Name == member)
}

// ConflictRecheck is how often a Secret or RoleBinding that is somebody else's is
// looked at again: it may go without the operator being able to watch it.
const ConflictRecheck = time.Minute

// IsMember is whether an owner is a Member.
func IsMember(owner *metav1.OwnerReference) bool {
	return owner.Kind == "Member" && owner.APIVersion == v1alpha1.GroupVersion.String()
}
