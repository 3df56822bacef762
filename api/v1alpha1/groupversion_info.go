// Package v1alpha1 is the API of Rollcall: ContactCenter, Member and
// SkillGroup in the group rollcall.dev. A namespace is one contact centre.
//
// +kubebuilder:object:generate=true
// +groupName=rollcall.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "rollcall.dev", Version: "v1alpha1"}

// AddToScheme makes the kinds of this package known to a scheme.
func AddToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&ContactCenter{}, &ContactCenterList{},
		&Member{}, &MemberList{},
		&SkillGroup{}, &SkillGroupList{},
		&MemberTemplate{}, &MemberTemplateList{},
		&UserProfile{}, &UserProfileList{},
		&DesktopProfile{}, &DesktopProfileList{},
		&Site{}, &SiteList{},
		&Team{}, &TeamList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
