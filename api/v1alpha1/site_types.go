package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SiteSpec is what an administrator asks for.
type SiteSpec struct {
	// DisplayName is the site's name as people see it: 1 to 80 characters, without
	// control characters. It is unique in the namespace regardless of case: a
	// second Site with the same one is Stalled.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`
}

// SiteStatus is what the operator found. Only the operator writes it.
type SiteStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Members is how many Members are at the site. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// Teams is how many Teams are at the site.
	//
	// +optional
	Teams *int32 `json:"teams,omitempty"`

	// Conditions are Ready and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Site is a place where members work. Deleting one that is in use leaves its
// members and teams, which say so in their status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Teams",type=integer,JSONPath=`.status.teams`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name, and write the long one in spec.displayName"
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec SiteSpec `json:"spec"`

	// Status is what the operator found.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status SiteStatus `json:"status,omitempty,omitzero"`
}

// SiteList is a list of Sites.
//
// +kubebuilder:object:root=true
type SiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Site `json:"items"`
}
