package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// DesktopProfileSpec is what an agent's desktop allows. It is data for the desktop
// application, which the login gate serves; Rollcall itself does nothing with it.
// The fields and their ranges are those of a desktop profile of Webex Contact Center.
type DesktopProfileSpec struct {
	// Description is free text of at most 256 characters for administrators.
	//
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Description string `json:"description,omitempty"`

	// WrapUp is how a conversation is concluded.
	//
	// +kubebuilder:default={mode: Manual}
	// +optional
	WrapUp WrapUp `json:"wrapUp,omitempty,omitzero"`

	// AutoAnswer, when true, connects conversations without the agent's doing; by
	// default false.
	//
	// +kubebuilder:default=false
	// +optional
	AutoAnswer bool `json:"autoAnswer,omitempty"`

	// Outdial, when true, lets the agent call customers; by default false.
	//
	// +kubebuilder:default=false
	// +optional
	Outdial bool `json:"outdial,omitempty"`

	// InactivityTimeoutMinutes is after how many minutes without the agent's doing
	// anything the desktop logs out: 3 to 10000. Absent: never.
	//
	// +kubebuilder:validation:Minimum=3
	// +kubebuilder:validation:Maximum=10000
	// +optional
	InactivityTimeoutMinutes *int32 `json:"inactivityTimeoutMinutes,omitempty"`

	// Channels are how many conversations the agent has at a time.
	//
	// +kubebuilder:default={telephony: 1}
	// +optional
	Channels Channels `json:"channels,omitempty,omitzero"`

	// Teams are those that the agent may choose at login, beside the member's own.
	// Absent: all of the member's own and no others.
	//
	// +optional
	Teams *AccessList `json:"teams,omitempty"`

	// Queues are those that the agent may transfer to. Absent: all.
	//
	// +optional
	Queues *AccessList `json:"queues,omitempty"`

	// EntryPoints are those that the agent may transfer to and dial out from.
	// Absent: all.
	//
	// +optional
	EntryPoints *AccessList `json:"entryPoints,omitempty"`
}

// WrapUpMode is how a conversation is concluded.
//
// +kubebuilder:validation:Enum=Auto;Manual
type WrapUpMode string

const (
	// WrapUpAuto concludes it by itself after a time.
	WrapUpAuto WrapUpMode = "Auto"
	// WrapUpManual leaves it to the agent.
	WrapUpManual WrapUpMode = "Manual"
)

// WrapUp is how a conversation is concluded.
//
// +kubebuilder:validation:XValidation:rule="(self.mode == 'Auto') == has(self.timeoutSeconds)",message="timeoutSeconds belongs to mode: Auto, which needs it: write it, or choose mode: Manual and take it out"
type WrapUp struct {
	// Mode is Manual (the default: the agent concludes it) or Auto (after
	// timeoutSeconds).
	//
	// +kubebuilder:default=Manual
	// +optional
	Mode WrapUpMode `json:"mode,omitempty"`

	// TimeoutSeconds is after how many seconds an Auto wrap-up ends: 1 to 600.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=600
	// +optional
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}

// Channels are how many conversations an agent has at a time on each channel.
type Channels struct {
	// Telephony is 0 or 1 (the default).
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1
	// +kubebuilder:default=1
	// +optional
	Telephony int32 `json:"telephony"`

	// Chat is 0 (the default) to 5.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Chat int32 `json:"chat"`

	// Email is 0 (the default) to 5.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Email int32 `json:"email"`

	// Social is 0 (the default) to 5.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +kubebuilder:default=0
	// +optional
	Social int32 `json:"social"`
}

// AccessMode is how much of a list an agent has.
//
// +kubebuilder:validation:Enum=All;Specific;None
type AccessMode string

const (
	// AccessAll is everything there is.
	AccessAll AccessMode = "All"
	// AccessSpecific is what is named.
	AccessSpecific AccessMode = "Specific"
	// AccessNone is nothing.
	AccessNone AccessMode = "None"
)

// AccessList is everything, what is named, or nothing.
//
// +kubebuilder:validation:XValidation:rule="(self.access == 'Specific') == (has(self.names) && size(self.names) > 0)",message="names belong to access: Specific, which needs at least one: write them, or choose access: All or None and take them out"
type AccessList struct {
	// Access is All, Specific (those in names) or None.
	//
	// +required
	Access AccessMode `json:"access"`

	// Names are what access: Specific is about: 1 to 128, each of 1 to 80
	// characters. They are not looked up: queues and entry points are the desktop
	// application's.
	//
	// +kubebuilder:validation:MaxItems=128
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=80
	// +listType=set
	// +optional
	Names []string `json:"names,omitempty"`
}

// DesktopProfileStatus is what the operator found. Only the operator writes it.
type DesktopProfileStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about;
	// -1 if the operator has not looked at the object yet.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Members is how many Members have the profile. It follows changes within
	// seconds.
	//
	// +optional
	Members *int32 `json:"members,omitempty"`

	// Conditions are Ready.
	//
	// +kubebuilder:validation:MaxItems=16
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// DesktopProfile is what an agent's desktop allows. Deleting one that is in use
// leaves its members, which say so in their status.
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

	// Spec is what an administrator asks for.
	//
	// +required
	Spec DesktopProfileSpec `json:"spec"`

	// Status is what the operator found.
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
