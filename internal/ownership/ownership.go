// Package ownership decides whose a Secret, RoleBinding, or Role is, by labels and owner
// references. It looks such objects up in the cache and at the API server, and marks and deletes
// them. The operator changes no object that belongs to something else.
package ownership

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// Recheck is how often a foreign object is looked at again. The operator cannot watch it,
// so it does not see the object go.
const Recheck = time.Minute

// Ownership says whose an object is that has a name which the operator uses.
type Ownership int

const (
	// Absent means that there is no object of the name.
	Absent Ownership = iota
	// Ours means that the owner is its controller.
	Ours
	// Predecessors means that it has our labels, and that its controller is an object which the
	// owner replaced, if that no longer exists: see Lookup.Settle.
	Predecessors
	// Orphaned means that it has our labels and no controller: it came back from a backup, or
	// its controller was removed.
	Orphaned
	// Foreign means that it belongs to something else. The operator never changes it.
	Foreign
)

// IsLeftOver reports whether the object was made for an earlier owner.
func (o Ownership) IsLeftOver() bool { return o == Predecessors || o == Orphaned }

// Owner describes the object of ours that owns others.
type Owner struct {
	// Kind is its resource kind, in the API group of Rollcall.
	Kind string
	// Label is the label of an owned object that holds the owner's name.
	Label string
	Name  string
	UID   types.UID
	// AnyPredecessor accepts an object whose controller has the owner's kind and another name, and
	// one without Label, as a predecessor's.
	AnyPredecessor bool
}

// Member returns the owner of a Member's objects.
func Member(member *v1alpha1.Member) Owner {
	return Owner{Kind: "Member", Label: v1alpha1.MemberLabel, Name: member.Name, UID: member.UID}
}

// UserProfile returns the owner of a UserProfile's Roles.
func UserProfile(profile *v1alpha1.UserProfile) Owner {
	return Owner{Kind: "UserProfile", Label: v1alpha1.UserProfileLabel, Name: profile.Name, UID: profile.UID}
}

// Of returns whose an object is, as far as the object itself tells.
func (o Owner) Of(object metav1.Object) Ownership {
	controller := metav1.GetControllerOf(object)
	switch {
	case controller != nil && controller.UID == o.UID:
		return Ours
	case controller == nil && o.Labels(object):
		return Orphaned
	case controller != nil && o.precedes(object, controller):
		return Predecessors
	default:
		return Foreign
	}
}

// precedes reports whether the controller of an object may be an earlier owner.
func (o Owner) precedes(object metav1.Object, controller *metav1.OwnerReference) bool {
	if !o.Is(controller) {
		return false
	}
	if o.AnyPredecessor {
		return IsManaged(object)
	}
	return o.Labels(object) && controller.Name == o.Name
}

// Is reports whether a reference is to an object of the owner's kind.
func (o Owner) Is(reference *metav1.OwnerReference) bool { return isOf(reference, o.Kind) }

// Labels reports whether an object has both labels of the owner's objects.
func (o Owner) Labels(object metav1.Object) bool {
	return IsManaged(object) && object.GetLabels()[o.Label] == o.Name
}

// IsManaged reports whether an object has the label of all objects that the operator writes.
func IsManaged(object metav1.Object) bool {
	return object.GetLabels()[v1alpha1.ManagedByLabel] == v1alpha1.ManagedByValue
}

// IsMember reports whether a reference is to a Member.
func IsMember(reference *metav1.OwnerReference) bool { return isOf(reference, "Member") }

// IsContactCenter reports whether a reference is to a ContactCenter.
func IsContactCenter(reference *metav1.OwnerReference) bool {
	return isOf(reference, "ContactCenter")
}

// OwnerName returns the name of the owner of a kind that an object has, or seems to have by a
// label; empty for none.
func OwnerName(object metav1.Object, kind, label string) string {
	if controller := metav1.GetControllerOf(object); controller != nil && isOf(controller, kind) {
		return controller.Name
	}
	return object.GetLabels()[label]
}

func isOf(reference *metav1.OwnerReference, kind string) bool {
	return reference.Kind == kind && reference.APIVersion == v1alpha1.GroupVersion.String()
}
