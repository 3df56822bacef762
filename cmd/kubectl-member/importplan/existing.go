package importplan

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/roster"
)

// Existing are the members of a contact centre, by all that is unique, and the
// names of what they can name.
type Existing struct {
	Namespace   string
	members     []*v1alpha1.Member
	byEmail     map[string]*v1alpha1.Member // in lower case
	byName      map[string]*v1alpha1.Member
	byAgentID   map[string]*v1alpha1.Member
	byExtension map[string]*v1alpha1.Member
	// Objects are the names of what members name, by column; nothing for a column
	// that the sheet does not have, or of which nothing may be known.
	Objects map[roster.Column]map[string]bool
	// Teams are the Teams, if the sheet has a column for them.
	Teams map[string]Team
}

func NewExisting(namespace string) *Existing {
	return &Existing{
		Namespace: namespace,
		byEmail:   map[string]*v1alpha1.Member{}, byName: map[string]*v1alpha1.Member{},
		byAgentID: map[string]*v1alpha1.Member{}, byExtension: map[string]*v1alpha1.Member{},
		Objects: map[roster.Column]map[string]bool{},
	}
}

// Add takes a Member in. Of several Members that ask for the same value, the one
// that the operator gave it to counts, else the older one.
func (e *Existing) Add(member *v1alpha1.Member) {
	claims := v1alpha1.Claims{}
	if member.Status.Claims != nil {
		claims = *member.Status.Claims
	}
	// The rest of a large contact centre's status would be most of the memory.
	member.ManagedFields, member.Annotations = nil, nil
	member.Status = v1alpha1.MemberStatus{Claims: &claims, License: member.Status.License, Site: member.Status.Site}
	e.members = append(e.members, member)
	e.byName[member.Name] = member
	email := strings.ToLower(member.Spec.Email)
	enter(e.byEmail, email, member, claims.Email == email)
	enter(e.byAgentID, member.Spec.AgentID, member, claims.AgentID == member.Spec.AgentID)
	enter(e.byExtension, member.Spec.Extension, member, claims.Extension == member.Spec.Extension)
}

// enter records who has a value.
func enter(table map[string]*v1alpha1.Member, value string, member *v1alpha1.Member, holds bool) {
	rival := table[value]
	if value != "" && (rival == nil || holds || member.CreationTimestamp.Before(&rival.CreationTimestamp)) {
		table[value] = member
	}
}
