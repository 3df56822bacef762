package importplan

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// Existing holds the members of a contact center, indexed by unique values, and the objects that
// members can name.
type Existing struct {
	Namespace   string
	members     []*v1alpha1.Member
	byEmail     map[string]*v1alpha1.Member // in lower case
	byName      map[string]*v1alpha1.Member
	byAgentID   map[string]*v1alpha1.Member
	byExtension map[string]*v1alpha1.Member
	// Objects holds the names of existing objects, by column. A column is missing if the sheet
	// lacks it or the user may not read its objects.
	Objects map[roster.Column]map[string]bool
	// Teams holds the Teams, if the sheet has a column for them.
	Teams map[string]Team
}

// NewExisting returns an empty index of a namespace.
func NewExisting(namespace string) *Existing {
	return &Existing{
		Namespace: namespace,
		byEmail:   map[string]*v1alpha1.Member{}, byName: map[string]*v1alpha1.Member{},
		byAgentID: map[string]*v1alpha1.Member{}, byExtension: map[string]*v1alpha1.Member{},
		Objects: map[roster.Column]map[string]bool{},
	}
}

// Add adds a Member. If several Members request the same value, the index has its holder, or else
// the oldest.
func (e *Existing) Add(member *v1alpha1.Member) {
	claims := v1alpha1.Claims{}
	if member.Status.Claims != nil {
		claims = *member.Status.Claims
	}
	// The rest of the status would need most of the memory.
	member.ManagedFields, member.Annotations = nil, nil
	member.Status = v1alpha1.MemberStatus{Claims: &claims, License: member.Status.License, Site: member.Status.Site}
	e.members = append(e.members, member)
	e.byName[member.Name] = member
	email := strings.ToLower(member.Spec.Email)
	enter(e.byEmail, email, member, claims.Email == email)
	enter(e.byAgentID, member.Spec.AgentID, member, claims.AgentID == member.Spec.AgentID)
	enter(e.byExtension, member.Spec.Extension, member, claims.Extension == member.Spec.Extension)
}

func enter(table map[string]*v1alpha1.Member, value string, member *v1alpha1.Member, holds bool) {
	rival := table[value]
	if value != "" && (rival == nil || holds || member.CreationTimestamp.Before(&rival.CreationTimestamp)) {
		table[value] = member
	}
}
