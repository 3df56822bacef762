package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TeamType is whom a team stands for.
//
// +kubebuilder:validation:Enum=Agent;Capacity
type TeamType string

const (
	// TeamAgent is a team of members.
	TeamAgent TeamType = "Agent"
	// TeamCapacity stands for people whom Rollcall does not know, such as an
	// outside call centre: it has a dial number and a capacity, and no members.
	TeamCapacity TeamType = "Capacity"
)

// TeamSpec is what an administrator asks for.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'Capacity' ? has(self.dialNumber) && has(self.capacity) : !has(self.dialNumber) && !has(self.capacity)",message="a team of type Capacity needs dialNumber and capacity, and one of type Agent has neither: write both or take them out",fieldPath=".type"
type TeamSpec struct {
	// DisplayName is the team's name as people see it: 1 to 80 characters, without
	// control characters. It is unique within the site regardless of case: a second
	// Team with the same one is Stalled.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// Site is the name of the Site that the team is at. It cannot be changed. The
	// Site may come later.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="write the name of the object as kubectl get shows it: lower-case letters, digits, - and ., with a letter or digit at both ends"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="site cannot be changed: delete the team and add it again at the other site"
	// +required
	Site string `json:"site"`

	// Type is Agent (the default), a team of members, or Capacity, which takes no
	// members and has a dial number and a capacity. It cannot be changed.
	//
	// +kubebuilder:default=Agent
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type cannot be changed: delete the team and add it again with the other type"
	// +optional
	Type TeamType `json:"type,omitempty"`

	// DialNumber is where calls for a Capacity team go: a number of E.164, for
	// example +14155550123.
	//
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[+][1-9][0-9]{1,14}$')`,message="dialNumber must be a number of E.164, for example +14155550123: + and the country code first, digits only, written in quotes"
	// +optional
	DialNumber string `json:"dialNumber,omitempty"`

	// Capacity is how many calls a Capacity team takes at a time: 1 to 10000.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	Capacity int32 `json:"capacity,omitempty"`

	// Active is true by default; a team with false has no members for the time
	// being: those who name it say so in PlacementResolved.
	//
	// +kubebuilder:default=true
	// +optional
	Active *bool `json:"active,omitempty"`
}

// TeamStatus is what the operator found. Only the operator writes it.
type TeamStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Members is how many Members are in the team. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// Conditions are Ready and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Team is a group of members at a site, or a number of outside lines. Deleting one
// that is in use leaves its members, which say so in their status.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:selectablefield:JSONPath=`.spec.site`
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Site",type=string,JSONPath=`.spec.site`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Active",type=boolean,JSONPath=`.spec.active`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name, and write the long one in spec.displayName"
type Team struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec TeamSpec `json:"spec"`

	// Status is what the operator found.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status TeamStatus `json:"status,omitempty,omitzero"`
}

// TeamList is a list of Teams.
//
// +kubebuilder:object:root=true
type TeamList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Team `json:"items"`
}

// IsActive is whether the team may have members for the time being.
func (t *Team) IsActive() bool { return t.Spec.Active == nil || *t.Spec.Active }
