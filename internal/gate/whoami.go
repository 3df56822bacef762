package gate

import (
	"encoding/json"
	"net/http"
)

// Whoami is the JSON answer of GET /whoami/{namespace} to a member whose login is
// allowed: a desktop application's data about its user. Fields have the names of the
// Member and the DesktopProfile. They contain the effective values of the status, not
// ones that the operator has yet to decide. Applications ignore unknown fields, so
// that new ones can be added.
type Whoami struct {
	// Namespace is the namespace of the contact center.
	Namespace string `json:"namespace"`
	// Member is the name of the Member, unique in the namespace.
	Member string `json:"member"`
	// Email is the user name, spelled as in the Member.
	Email string `json:"email"`
	// Name is the full name; the default is the part of the e-mail address before the @.
	Name string `json:"name"`
	// Nickname is the name that customers see; the default is Name.
	Nickname string `json:"nickname"`
	// AgentID is the agent (staff) number; absent for none.
	AgentID string `json:"agentID,omitempty"`
	// Extension is the telephone extension; absent for none.
	Extension string `json:"extension,omitempty"`
	// Role is the effective role: SuperAdmin, DeskAdmin, Supervisor, or DeskStaff.
	Role string `json:"role"`
	// License is the tier of the member's seat, Standard or Premium; absent for none.
	License string `json:"license,omitempty"`
	// UserProfile is the name of the user profile; absent for none.
	UserProfile string `json:"userProfile,omitempty"`
	// SkillGroups are the member's groups, sorted by name; never null.
	SkillGroups []SkillGroup `json:"skillGroups"`
	// Site is the member's site; absent for none, or if the Site no longer exists.
	Site *Place `json:"site,omitempty"`
	// Teams are the member's existing teams, sorted by name; never null.
	Teams []Place `json:"teams"`
	// DesktopProfile is what the desktop allows. It is absent if the member has none,
	// or if it no longer exists; applications should then allow the minimum.
	DesktopProfile *DesktopProfile `json:"desktopProfile,omitempty"`
}

// SkillGroup is one of a member's groups.
type SkillGroup struct {
	// Name is the name of the SkillGroup.
	Name string `json:"name"`
	// Priority is the order in which the group's members receive conversations: 1
	// (first) to 5.
	Priority int32 `json:"priority"`
}

// Place is a Site or a Team.
type Place struct {
	// Name is the name of the object.
	Name string `json:"name"`
	// DisplayName is the name that users see.
	DisplayName string `json:"displayName"`
}

// DesktopProfile is what an agent's desktop allows: the spec of a DesktopProfile
// object without its description.
type DesktopProfile struct {
	// Name is the name of the DesktopProfile.
	Name string `json:"name"`
	// WrapUp is how a conversation ends.
	WrapUp WrapUp `json:"wrapUp"`
	// AutoAnswer connects conversations without an action of the agent.
	AutoAnswer bool `json:"autoAnswer"`
	// Outdial allows the agent to call customers.
	Outdial bool `json:"outdial"`
	// InactivityTimeoutMinutes is how long an agent can be inactive before the desktop
	// logs out: 3 to 10000. Absent: forever.
	InactivityTimeoutMinutes *int32 `json:"inactivityTimeoutMinutes,omitempty"`
	// Channels limit how many conversations the agent has at a time.
	Channels Channels `json:"channels"`
	// Teams are the teams that the agent can choose at login in addition to the
	// member's own. Absent: all of the member's own and no others.
	Teams *AccessList `json:"teams,omitempty"`
	// Queues are the queues that the agent can transfer to. Absent: all.
	Queues *AccessList `json:"queues,omitempty"`
	// EntryPoints are the entry points that the agent can transfer to and dial out
	// from. Absent: all.
	EntryPoints *AccessList `json:"entryPoints,omitempty"`
}

// WrapUp is how a conversation ends.
type WrapUp struct {
	// Mode is Manual (by the agent) or Auto (after TimeoutSeconds).
	Mode string `json:"mode"`
	// TimeoutSeconds is how long an Auto wrap-up lasts: 1 to 600; absent for Manual.
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`
}

// Channels are how many conversations an agent has at a time on each channel; 0 for a
// channel that the agent does not have.
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

// AccessList allows all objects, named ones, or none.
type AccessList struct {
	// Access is All, Specific (those in Names) or None.
	Access string `json:"access"`
	// Names are the objects of Specific; absent otherwise.
	Names []string `json:"names,omitempty"`
}

// whoami answers with the data of the member who sends the request, as JSON. It allows
// the members whom the policy any admits, and refuses others as verify does. It sets no
// CORS headers, so browsers show the answer only to pages of the same origin.
func (h *handler) whoami(x *exchange) {
	about, d := h.decideWhoami(x)
	if d = h.recordFirst(x, d); d.Outcome != OutcomeAllowed {
		// A client that asks for JSON does not show pages, even if it accepts HTML.
		x.refuseAs(d, acceptsHTML(x.r) && !accepts(x.r, "application/json"))
		return
	}
	body, _ := json.Marshal(about) //nolint:errcheck,errchkjson // texts and numbers can always be encoded
	writeBody(x.w, http.StatusOK, "application/json", append(body, '\n'))
}

// decideWhoami returns whether a request gets an answer, and the answer. Like decide,
// it checks the state of the gate before the credentials.
func (h *handler) decideWhoami(x *exchange) (Whoami, Decision) {
	if h.Directory.Complete(x.asked.Namespace) != nil {
		return Whoami{}, x.asked.as(notReady)
	}
	member, d := h.decide(x, policyAny)
	if d.Outcome != OutcomeAllowed {
		return Whoami{}, d
	}
	about, ok := h.Directory.Whoami(d.Namespace, member.UID)
	if !ok {
		// The Member was deleted at this moment.
		return Whoami{}, d.as(notReady)
	}
	return about, d
}
