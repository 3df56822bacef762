// Package v1alpha1 is the API of Rollcall in the group rollcall.dev. A
// namespace is one contact center.
//
// +kubebuilder:object:generate=true
// +groupName=rollcall.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every resource kind in this package.
var GroupVersion = schema.GroupVersion{Group: "rollcall.dev", Version: "v1alpha1"}

// AddToScheme registers the types of this package with a scheme.
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
