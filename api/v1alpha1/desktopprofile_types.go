package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DesktopProfileSpec defines what an agent's desktop allows. It is data for the
// desktop application, served by the login gate. Rollcall itself does not act
// on it. The fields and their ranges match a desktop profile of Webex Contact
// Center.
type DesktopProfileSpec struct {
	// description is free text for administrators, up to 256 characters.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Description string `json:"description,omitempty"`

	// wrapUp configures how a conversation ends.
	//
	// +kubebuilder:default={mode: Manual}
	// +optional
	WrapUp WrapUp `json:"wrapUp,omitempty,omitzero"`

	// autoAnswer, when true, connects conversations without action by the
	// agent. Defaults to false.
	//
	// +kubebuilder:default=false
	// +optional
	AutoAnswer bool `json:"autoAnswer,omitempty"`

	// outdial, when true, lets the agent call customers. Defaults to false.
	//
	// +kubebuilder:default=false
	// +optional
	Outdial bool `json:"outdial,omitempty"`

	// inactivityTimeoutMinutes is the number of minutes without activity after
	// which the desktop logs the agent out: 3 to 10000. If absent, it never
	// does.
	//
	// +kubebuilder:validation:Minimum=3
	// +kubebuilder:validation:Maximum=10000
	// +optional
	InactivityTimeoutMinutes *int32 `json:"inactivityTimeoutMinutes,omitempty"`

	// channels sets how many conversations the agent handles at the same time.
	//
	// +kubebuilder:default={telephony: 1}
	// +optional
	Channels Channels `json:"channels,omitempty,omitzero"`

	// teams are the teams that the agent can choose at login, in addition to
	// the member's own. If absent, the agent can choose only the member's own
	// teams.
	//
	// +optional
	Teams *AccessList `json:"teams,omitempty"`

	// queues are the queues that the agent can transfer to. If absent, the
	// agent can transfer to all queues.
	//
	// +optional
	Queues *AccessList `json:"queues,omitempty"`

	// entryPoints are the entry points that the agent can transfer to and dial
	// out from. If absent, all are available.
	//
	// +optional
	EntryPoints *AccessList `json:"entryPoints,omitempty"`
}

// WrapUpMode defines how a conversation ends: Auto or Manual.
//
// +kubebuilder:validation:Enum=Auto;Manual
type WrapUpMode string

const (
	// WrapUpAuto ends the wrap-up automatically after a time.
	WrapUpAuto WrapUpMode = "Auto"
	// WrapUpManual lets the agent end the wrap-up.
	WrapUpManual WrapUpMode = "Manual"
)

// WrapUp configures how a conversation ends.
//
// +kubebuilder:validation:XValidation:rule="(self.mode == 'Auto') == has(self.timeoutSeconds)",message="mode: Auto needs timeoutSeconds, and mode: Manual does not have it: set or remove timeoutSeconds, or change mode"
type WrapUp struct {
	// mode is Manual (the agent ends the wrap-up) or Auto (it ends after
	// timeoutSeconds). Defaults to Manual.
	//
	// +kubebuilder:default=Manual
	// +optional
	Mode WrapUpMode `json:"mode,omitempty"`

	// timeoutSeconds is the number of seconds after which an Auto wrap-up ends:
	// 1 to 600.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	// +optional
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}

// Channels sets how many conversations an agent handles at the same time, per
// channel.
type Channels struct {
	// telephony is the number of calls: 0 or 1. Defaults to 1.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1
	// +kubebuilder:default=1
	// +optional
	Telephony int32 `json:"telephony"`

	// chat is the number of chats: 0 to 5. Defaults to 0.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Chat int32 `json:"chat"`

	// email is the number of e-mail conversations: 0 to 5. Defaults to 0.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Email int32 `json:"email"`

	// social is the number of social media conversations: 0 to 5. Defaults to
	// 0.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Social int32 `json:"social"`
}

// AccessMode defines how much of a list an agent can use: All, Specific or
// None.
//
// +kubebuilder:validation:Enum=All;Specific;None
type AccessMode string

const (
	// AccessAll means everything.
	AccessAll AccessMode = "All"
	// AccessSpecific means the listed names.
	AccessSpecific AccessMode = "Specific"
	// AccessNone means nothing.
	AccessNone AccessMode = "None"
)

// AccessList grants access to everything, to the listed names, or to nothing.
//
// +kubebuilder:validation:XValidation:rule="(self.access == 'Specific') == (has(self.names) && size(self.names) > 0)",message="access: Specific needs at least one entry in names, and access: All or None has no names: add or remove names, or change access"
type AccessList struct {
	// access is All, Specific (the entries of names) or None.
	//
	// +required
	Access AccessMode `json:"access"`

	// names are the entries for access Specific: 1 to 128 names of 1 to 80
	// characters. Rollcall does not look them up, because queues and entry
	// points belong to the desktop application.
	//
	// +kubebuilder:validation:MaxItems=128
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=80
	// +listType=set
	// +optional
	Names []string `json:"names,omitempty"`
}

// DesktopProfileStatus is the observed state of a DesktopProfile. Only the
// operator writes it.
type DesktopProfileStatus struct {
	// observedGeneration is the metadata.generation that this status describes.
	// It is -1 if the operator has not processed the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// members is the number of Members with this profile. It follows changes
	// within seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// conditions contains Ready.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// DesktopProfile defines what an agent's desktop allows. If a profile that is
// in use is deleted, its members stay, and their status reports the missing
// profile.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:categories=rollcall
// +kubebuilder:metadata:annotations="kustomize.toolkit.fluxcd.io/prune=disabled"
// +kubebuilder:metadata:annotations="argocd.argoproj.io/sync-options=Prune=false,Delete=false"
// +kubebuilder:printcolumn:name="Telephony",type=integer,JSONPath=`.spec.channels.telephony`
// +kubebuilder:printcolumn:name="Chat",type=integer,JSONPath=`.spec.channels.chat`
// +kubebuilder:printcolumn:name="Email",type=integer,JSONPath=`.spec.channels.email`
// +kubebuilder:printcolumn:name="Social",type=integer,JSONPath=`.spec.channels.social`
// +kubebuilder:printcolumn:name="Members",type=integer,JSONPath=`.status.members`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 63",message="metadata.name must have at most 63 characters: choose a shorter name"
type DesktopProfile struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is the desired state of the desktop profile.
	//
	// +required
	Spec DesktopProfileSpec `json:"spec"`

	// status is the observed state of the desktop profile. Only the operator
	// writes it.
	//
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status DesktopProfileStatus `json:"status,omitempty,omitzero"`
}

// DesktopProfileList is a list of DesktopProfiles.
//
// +kubebuilder:object:root=true
type DesktopProfileList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []DesktopProfile `json:"items"`
}
