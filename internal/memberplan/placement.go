package memberplan

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// placementResolved is whether all that is asked for exists and fits together. It
// has no reason where nothing is.
func placementResolved(placed Placement) conditions.Verdict {
	switch {
	case !placed.Asked:
		return conditions.Verdict{}
	case len(placed.Problems) == 0:
		return conditions.True(v1alpha1.ReasonResolved, "site, teams and profiles are there and fit together")
	}
	messages := make([]string, 0, len(placed.Problems))
	for _, problem := range placed.Problems {
		messages = append(messages, problem.Message)
	}
	return conditions.False(placed.Problems[0].Reason, strings.Join(messages, "; "))
}

// assignment is a pointer for the status; nil for none.
func assignmentOrNil(assigned v1alpha1.Assignment) *v1alpha1.Assignment {
	if assigned.Name == "" {
		return nil
	}
	return &assigned
}

// maxTemplateUses is the bound of Member.status.templates.
const maxTemplateUses = 32

// placeStatus writes what counts for the Member into its status.
func placeStatus(status *v1alpha1.MemberStatus, o Observation) {
	status.License = licenseStatus(o)
	status.Role = nil
	if o.Role != o.Member.Spec.Role {
		status.Role = assignmentOrNil(o.Resolved.Role)
	}
	status.UserProfile = assignmentOrNil(o.UserProfile)
	status.DesktopProfile = assignmentOrNil(o.Placement.DesktopProfile)
	status.Site = assignmentOrNil(o.Placement.Site)
	status.Teams = o.Placement.Teams
	status.Templates = o.Resolved.Uses[:min(len(o.Resolved.Uses), maxTemplateUses)]
}
