package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// SiteSpec defines the desired state of a Site.
type SiteSpec struct {
	// displayName is the name of the site for users: 1 to 80 characters,
	// without control characters. It is unique in the namespace, ignoring case:
	// a second Site with the same name becomes Stalled.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`
}

// SiteStatus is the observed state of a Site. Only the operator writes it.
type SiteStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// members is the number of Members at the site. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// teams is the number of Teams at the site.
	//
	// +optional
	Teams *int32 `json:"teams,omitempty"`

	// conditions contains Ready and, only while it is True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Site is a place where members work. If a site that is in use is deleted, its
// members and teams stay, and their status reports the missing site.
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
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name, and set the long one in spec.displayName"
type Site struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the site.
	//
	// +required
	Spec SiteSpec `json:"spec"`

	// status is the observed state of the site. Only the operator writes it.
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
