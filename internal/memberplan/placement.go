package memberplan

import (
	"strings"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// maxTemplateUses is the bound of Member.status.templates.
const maxTemplateUses = 32

// placementResolved reports whether all that is requested exists and fits together. It does not apply
// where nothing is requested.
func placementResolved(placed Placement) conditions.Verdict {
	switch {
	case !placed.Requested:
		return conditions.Verdict{}
	case len(placed.Problems) == 0:
		return conditions.True(v1alpha1.ReasonResolved, "Site, teams, and profiles exist and fit together.")
	}
	messages := make([]string, 0, len(placed.Problems))
	for _, problem := range placed.Problems {
		messages = append(messages, problem.Message)
	}
	return conditions.False(placed.Problems[0].Reason, strings.Join(messages, " "))
}

// setAssignments writes the effective assignments of the Member into its status.
func setAssignments(status *v1alpha1.MemberStatus, o Observation) {
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

// assignmentOrNil returns nil for an assignment without a name.
func assignmentOrNil(assigned v1alpha1.Assignment) *v1alpha1.Assignment {
	if assigned.Name == "" {
		return nil
	}
	return &assigned
}
