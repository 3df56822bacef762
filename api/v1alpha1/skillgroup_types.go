package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Channel is the kind of conversation that a SkillGroup answers.
//
// +kubebuilder:validation:Enum=Phone;Online;Audio;Video
type Channel string

// The channels.
const (
	// ChannelPhone is telephone calls.
	ChannelPhone Channel = "Phone"
	// ChannelOnline is text chat.
	ChannelOnline Channel = "Online"
	// ChannelAudio is audio calls over the Internet.
	ChannelAudio Channel = "Audio"
	// ChannelVideo is video calls.
	ChannelVideo Channel = "Video"
)

// SkillGroupSpec is what an administrator asks for.
//
// +kubebuilder:validation:XValidation:rule="self.maxConcurrency <= 1 || self.channel == 'Online'",message="maxConcurrency above 1 is for the channel Online only: set maxConcurrency to 1, or make a new SkillGroup with channel Online"
type SkillGroupSpec struct {
	// DisplayName is the group's name as people see it: 1 to 32 characters,
	// without control characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// Channel is the kind of conversation that the group answers: Phone (the
	// default), Online, Audio or Video. It cannot be changed.
	//
	// +kubebuilder:default=Phone
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="channel cannot be changed: delete the SkillGroup and make a new one; its members stay"
	// +optional
	Channel Channel `json:"channel,omitempty"`

	// MaxConcurrency is how many conversations a member answers at a time in
	// this group: 1 to 999, by default 1; above 1 only for the channel Online.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=999
	// +kubebuilder:default=1
	// +optional
	MaxConcurrency int32 `json:"maxConcurrency,omitempty"`

	// RingAll offers a conversation to every available member at once, in
	// place of one after the other.
	//
	// +optional
	RingAll bool `json:"ringAll,omitempty"`

	// Members are memberships said from the group's side, at most 1000. A
	// larger group uses selector. On a clash the Member's own entry wins.
	//
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=name
	// +optional
	Members []GroupMember `json:"members,omitempty"`

	// Selector makes every Member whose labels it matches a member of the
	// group. Absent: nobody; {}: everybody.
	//
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// SelectorPriority is the priority of the members that selector finds:
	// 1 (first) to 5, by default 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	SelectorPriority int32 `json:"selectorPriority,omitempty"`
}

// GroupMember is a membership said from the group's side.
type GroupMember struct {
	// Name of the Member. The Member may come later.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`

	// Priority is the order in which members are offered conversations: 1
	// (first) to 5, by default 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	Priority int32 `json:"priority,omitempty"`
}

// SkillGroupStatus is what the operator found. Only the operator writes it.
type SkillGroupStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Members is how many Members are in the group. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// Available is how many of them may log in.
	//
	// +optional
	Available *int32 `json:"available,omitempty"`

	// UnknownMembers are names in spec.members that no Member has; the first 10.
	//
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=atomic
	// +optional
	UnknownMembers []string `json:"unknownMembers,omitempty"`

	// Conditions are Ready and, only while True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// SkillGroup says who answers what. Deleting a SkillGroup leaves its members.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Display Name",type=string,JSONPath=`.spec.displayName`
// +kubebuilder:printcolumn:name="Channel",type=string,JSONPath=`.spec.channel`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Available",type=integer,JSONPath=`.status.available`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type SkillGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what an administrator asks for.
	//
	// +required
	Spec SkillGroupSpec `json:"spec"`

	// Status is what the operator found.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status SkillGroupStatus `json:"status,omitempty,omitzero"`
}

// SkillGroupList is a list of SkillGroups.
//
// +kubebuilder:object:root=true
type SkillGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SkillGroup `json:"items"`
}
