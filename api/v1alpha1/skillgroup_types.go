package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Channel is the medium of the conversations that a SkillGroup answers.
//
// +kubebuilder:validation:Enum=Phone;Online;Audio;Video
type Channel string

// Channels.
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

// DefaultPriority is the priority of a membership that sets none. The defaults of
// the CRDs have the same value.
const DefaultPriority int32 = 3

// SkillGroupSpec defines the desired state of a SkillGroup.
//
// +kubebuilder:validation:XValidation:rule="self.maxConcurrency <= 1 || self.channel == 'Online'",message="maxConcurrency above 1 needs the channel Online: set maxConcurrency to 1, or create a new SkillGroup with channel Online"
type SkillGroupSpec struct {
	// displayName is the name of the group for users: 1 to 32 characters,
	// without control characters.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:XValidation:rule=`!self.matches(r'[\p{Cc}\p{Zl}\p{Zp}\x{202A}-\x{202E}\x{2066}-\x{2069}]')`,message="displayName must not contain control characters, line breaks or direction overrides: write it as one line of plain text"
	// +required
	DisplayName string `json:"displayName"`

	// channel is the medium of the conversations that the group answers: Phone,
	// Online, Audio or Video. Defaults to Phone. It cannot be changed.
	//
	// +kubebuilder:default=Phone
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="channel cannot be changed: delete the SkillGroup and create a new one; its members stay"
	// +optional
	Channel Channel `json:"channel,omitempty"`

	// maxConcurrency is the number of conversations that a member answers at
	// the same time in this group: 1 to 999. Values above 1 require the channel
	// Online. Defaults to 1.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=999
	// +kubebuilder:default=1
	// +optional
	MaxConcurrency int32 `json:"maxConcurrency,omitempty"`

	// ringAll, when true, offers a conversation to all available members at
	// once. Otherwise they are offered it one after the other. Defaults to
	// false.
	//
	// +optional
	RingAll bool `json:"ringAll,omitempty"`

	// members are the memberships that the group declares, up to 1000. For
	// larger groups, use selector. If a Member also names the group, the
	// Member's own entry wins.
	//
	// +kubebuilder:validation:MaxItems=1000
	// +listType=map
	// +listMapKey=name
	// +optional
	Members []GroupMember `json:"members,omitempty"`

	// selector adds every Member whose labels it matches. If absent, it adds no
	// Member. {} adds all Members.
	//
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// selectorPriority is the priority of the members that selector adds: 1
	// (first) to 5 (last). Defaults to 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	SelectorPriority int32 `json:"selectorPriority,omitempty"`
}

// GroupMember is a membership that a SkillGroup declares.
type GroupMember struct {
	// name is the name of the Member. The Member can be created later.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`
	// +required
	Name string `json:"name"`

	// priority is the order in which members are offered conversations: 1
	// (first) to 5 (last). Defaults to 3.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=3
	// +optional
	Priority int32 `json:"priority,omitempty"`
}

// SkillGroupStatus is the observed state of a SkillGroup. Only the operator
// writes it.
type SkillGroupStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// members is the number of Members in the group. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// available is the number of those members whose login is allowed.
	//
	// +optional
	Available *int32 `json:"available,omitempty"`

	// unknownMembers are the first 10 names in spec.members for which there is
	// no Member.
	//
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=63
	// +listType=atomic
	// +optional
	UnknownMembers []string `json:"unknownMembers,omitempty"`

	// conditions contains Ready and, only while it is True, Stalled.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// SkillGroup is a group of members that answer the same conversations. If a
// SkillGroup is deleted, its members stay.
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

	// spec is the desired state of the skill group.
	//
	// +required
	Spec SkillGroupSpec `json:"spec"`

	// status is the observed state of the skill group. Only the operator writes
	// it.
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
