package gate

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Whoami is what GET /whoami/{namespace} tells a member whose login is allowed, and
// with that the schema of its JSON: a desktop application's data about its user.
// Fields are named as in the Member and the DesktopProfile. All that is in it is
// what counts, by status; nothing is in it that the operator has not decided yet.
// More fields may come: applications ignore those they do not know.
type Whoami struct {
	// Namespace is of the contact centre.
	Namespace string `json:"namespace"`
	// Member is the name of the Member, unique in the namespace.
	Member string `json:"member"`
	// Email is the user name, spelt as in the Member.
	Email string `json:"email"`
	// Name is the full name; by default the part of the e-mail address before the @.
	Name string `json:"name"`
	// Nickname is the name that customers see; by default Name.
	Nickname string `json:"nickname"`
	// AgentID is the agent (staff) number; absent for none.
	AgentID string `json:"agentID,omitempty"`
	// Extension is the telephone extension; absent for none.
	Extension string `json:"extension,omitempty"`
	// Role is the role that counts: SuperAdmin, DeskAdmin, Supervisor or DeskStaff.
	Role string `json:"role"`
	// License is the tier of the seat that the member holds, Standard or Premium;
	// absent for none.
	License string `json:"license,omitempty"`
	// UserProfile is the name of the user profile; absent for none.
	UserProfile string `json:"userProfile,omitempty"`
	// SkillGroups are the groups that the member is in, by name; never null.
	SkillGroups []SkillGroup `json:"skillGroups"`
	// Site is where the member is; absent for none, or if there is no such Site any
	// more.
	Site *Place `json:"site,omitempty"`
	// Teams are the teams that the member is in, by name, without those that there are
	// not any more; never null.
	Teams []Place `json:"teams"`
	// DesktopProfile is what the desktop allows. Absent: the member has none, or there
	// is no such DesktopProfile any more; an application should allow the least then.
	DesktopProfile *DesktopProfile `json:"desktopProfile,omitempty"`
}

// SkillGroup is a group that a member is in.
type SkillGroup struct {
	// Name of the SkillGroup.
	Name string `json:"name"`
	// Priority is the order in which the group's members are offered conversations: 1
	// (first) to 5.
	Priority int32 `json:"priority"`
}

// Place is a Site or a Team.
type Place struct {
	// Name of the object.
	Name string `json:"name"`
	// DisplayName is its name as people see it.
	DisplayName string `json:"displayName"`
}

// DesktopProfile is what an agent's desktop allows: the spec of a DesktopProfile
// without its description.
type DesktopProfile struct {
	// Name of the DesktopProfile.
	Name string `json:"name"`
	// WrapUp is how a conversation is concluded.
	WrapUp WrapUp `json:"wrapUp"`
	// AutoAnswer is whether conversations connect without the agent's doing.
	AutoAnswer bool `json:"autoAnswer"`
	// Outdial is whether the agent may call customers.
	Outdial bool `json:"outdial"`
	// InactivityTimeoutMinutes is after how many minutes without the agent's doing
	// anything the desktop logs out: 3 to 10000. Absent: never.
	InactivityTimeoutMinutes *int32 `json:"inactivityTimeoutMinutes,omitempty"`
	// Channels are how many conversations the agent has at a time.
	Channels Channels `json:"channels"`
	// Teams are those that the agent may choose at login, beside the member's own.
	// Absent: all of the member's own and no others.
	Teams *AccessList `json:"teams,omitempty"`
	// Queues are those that the agent may transfer to. Absent: all.
	Queues *AccessList `json:"queues,omitempty"`
	// EntryPoints are those that the agent may transfer to and dial out from. Absent:
	// all.
	EntryPoints *AccessList `json:"entryPoints,omitempty"`
}

// WrapUp is how a conversation is concluded.
type WrapUp struct {
	// Mode is Manual (by the agent) or Auto (after TimeoutSeconds).
	Mode string `json:"mode"`
	// TimeoutSeconds is after how many seconds an Auto wrap-up ends: 1 to 600; absent
	// for Manual.
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}

// Channels are how many conversations an agent has at a time on each channel; 0 for
// a channel that the agent does not have.
type Channels struct {
	// Telephony is 0 or 1.
	Telephony int32 `json:"telephony"`
	// Chat is 0 to 5.
	Chat int32 `json:"chat"`
	// Email is 0 to 5.
	Email int32 `json:"email"`
	// Social is 0 to 5.
	Social int32 `json:"social"`
}

// AccessList is everything, what is named, or nothing.
type AccessList struct {
	// Access is All, Specific (those in Names) or None.
	Access string `json:"access"`
	// Names are what Specific is about; absent otherwise.
	Names []string `json:"names,omitempty"`
}

// whoami tells who sends this request what there is to tell them, as JSON. Who may
// ask is who the policy any lets in, by the same rules, and whoever may not is
// answered in the same way. It says nothing of other origins (CORS), so that
// browsers keep the answer to pages of this one.
func (h *handler) whoami(w http.ResponseWriter, r *http.Request, namespace string) {
	started := h.Now()
	center, hasCenter := h.Directory.Center(namespace)
	about, d := h.introduce(r, center, namespace)
	// Nobody is told anything without a line about it.
	if err := h.finish(r, d, started); err != nil && d.Outcome == OutcomeAllowed {
		d = unavailable(d)
	}
	if d.Outcome == OutcomeAllowed {
		writeWhoami(w, about)
		return
	}
	// Who asks for the JSON is no browser that shows a page, whatever else it takes.
	h.refuseTo(w, r, center, hasCenter, d, acceptsHTML(r) && !names(r, "application/json"))
}

// introduce says whether somebody is told who they are, and what they are told.
func (h *handler) introduce(r *http.Request, center Center, namespace string) (Whoami, Decision) {
	// As for verify, what the gate does not know comes before anybody's credentials.
	if h.Directory.Complete(namespace) != nil {
		return Whoami{}, unavailable(Decision{Namespace: namespace, Policy: endpointWhoami, Client: h.clientAddress(r)})
	}
	member, d := h.decide(r, center, namespace, policyAny)
	d.Policy = endpointWhoami
	if d.Outcome != OutcomeAllowed {
		return Whoami{}, d
	}
	about, ok := h.Directory.Whoami(namespace, member.UID)
	if !ok {
		// The member went in this very moment.
		return Whoami{}, unavailable(d)
	}
	return about, d
}

// writeWhoami answers with a member's data.
func writeWhoami(w http.ResponseWriter, about Whoami) {
	//nolint:errcheck,errchkjson // Texts and numbers can always be encoded.
	body, _ := json.Marshal(about)
	body = append(body, '\n')
	header := w.Header()
	protect(header)
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(http.StatusOK)
	//nolint:errcheck // The client is gone; there is nobody left to tell.
	_, _ = w.Write(body)
}
