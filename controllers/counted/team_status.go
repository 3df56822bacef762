package counted

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// teamStatus derives the whole status from what was observed.
func teamStatus(observed teamObservation) v1alpha1.TeamStatus {
	team := observed.team
	status := *team.Status.DeepCopy()
	status.ObservedGeneration = team.Generation
	status.Members = &observed.members
	ready, now := teamReady(observed), metav1.NewTime(observed.now).Rfc3339Copy()
	conditions.SetReadyAndStalled(&status.Conditions, ready, observed.nameHolder != "", team.Generation, now)
	return status
}

// teamReady is whether the team is as its spec asks for. A display name that is
// taken comes first, since only a person can help with that.
func teamReady(observed teamObservation) conditions.Verdict {
	spec := &observed.team.Spec
	switch {
	case observed.nameHolder != "":
		return conditions.False(v1alpha1.ReasonDuplicateDisplayName, fmt.Sprintf(
			"Team %s at Site %s has the display name %q too, as upper and lower case do not count: choose another one, or delete one of the two", observed.nameHolder, spec.Site, spec.DisplayName))
	case !observed.siteExists:
		return conditions.False(v1alpha1.ReasonSiteNotFound, fmt.Sprintf(
			"no Site in this namespace is named %s, so nobody is in the team: create it, or delete the team and add it again at another site", spec.Site))
	case spec.Type == v1alpha1.TeamCapacity:
		return conditions.True(v1alpha1.ReasonReady, "calls go to the dial number; a Capacity team takes no members")
	case !observed.team.IsActive():
		return conditions.True(v1alpha1.ReasonReady, "the team is not active, as spec.active asks for, so nobody is in it")
	default:
		return conditions.True(v1alpha1.ReasonReady, "members at the site can be in the team")
	}
}
