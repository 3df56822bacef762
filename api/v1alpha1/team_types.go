package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// TeamType is the type of a team: Agent or Capacity.
//
// +kubebuilder:validation:Enum=Agent;Capacity
type TeamType string

const (
	// TeamAgent is a team of members.
	TeamAgent TeamType = "Agent"
	// TeamCapacity stands for agents outside Rollcall, such as an external call
	// center. It has a dial number and a capacity, and no members.
	TeamCapacity TeamType = "Capacity"
)

// TeamSpec defines the desired state of a Team.
//
// +kubebuilder:validation:XValidation:rule="self.type == 'Capacity' ? has(self.dialNumber) && has(self.capacity) : !has(self.dialNumber) && !has(self.capacity)",message="a team of type Capacity needs dialNumber and capacity, and a team of type Agent has neither: set both or remove both",fieldPath=".type"
type TeamSpec struct {
	// displayName is the name of the team for users: 1 to 80 characters,
	// without control characters. It is unique at the site, ignoring case: a
	// second Team with the same name becomes Stalled.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=80
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// site is the name of the Site of the team. It cannot be changed. The Site
	// can be created later.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:XValidation:rule=`self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')`,message="must be the name of an object as kubectl get shows it: lowercase letters, digits, - and ., with a letter or digit at both ends"
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="site cannot be changed: delete the team and add it again at the other site"
	// +required
	Site string `json:"site"`

	// type is Agent (a team of members) or Capacity (a team without members,
	// with a dial number and a capacity). Defaults to Agent. It cannot be
	// changed.
	//
	// +kubebuilder:default=Agent
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="type cannot be changed: delete the team and add it again with the other type"
	// +optional
	Type TeamType `json:"type,omitempty"`

	// dialNumber is the number that calls to a Capacity team go to, in E.164
	// format, for example +14155550123.
	//
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:XValidation:rule=`self.matches(r'^[+][1-9][0-9]{1,14}$')`,message="dialNumber must be an E.164 number, for example +14155550123: start with + and the country code, use only digits, and write it in quotes"
	// +optional
	DialNumber string `json:"dialNumber,omitempty"`

	// capacity is the number of calls that a Capacity team takes at the same
	// time: 1 to 10000.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +optional
	Capacity int32 `json:"capacity,omitempty"`

	// active, when false, suspends the team: it has no members, and the
	// condition PlacementResolved of Members that name it says so. Defaults to
	// true.
	//
	// +kubebuilder:default=true
	// +optional
	Active *bool `json:"active,omitempty"`
}

// TeamStatus is the observed state of a Team. Only the operator writes it.
type TeamStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// members is the number of Members in the team. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// conditions contains Ready and, only while it is True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// Team is a group of members at a site, or a number of external lines. If a
// team that is in use is deleted, its members stay, and their status reports
// the missing team.
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
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name, and set the long one in spec.displayName"
type Team struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the team.
	//
	// +required
	Spec TeamSpec `json:"spec"`

	// status is the observed state of the team. Only the operator writes it.
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

// IsActive reports whether the team can have members at present.
func (t *Team) IsActive() bool { return t.Spec.Active == nil || *t.Spec.Active }
