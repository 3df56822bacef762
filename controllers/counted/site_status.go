package counted

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// siteStatus derives the whole status from what was observed.
func siteStatus(observed siteObservation) v1alpha1.SiteStatus {
	site := observed.site
	status := *site.Status.DeepCopy()
	status.ObservedGeneration = site.Generation
	status.Members, status.Teams = &observed.members, &observed.teams
	ready, now := siteReady(observed), metav1.NewTime(observed.now).Rfc3339Copy()
	conditions.SetReadyAndStalled(&status.Conditions, ready, observed.nameHolder != "", site.Generation, now)
	return status
}

// siteReady is whether the site is as its spec asks for.
func siteReady(observed siteObservation) conditions.Verdict {
	if observed.nameHolder != "" {
		return conditions.False(v1alpha1.ReasonDuplicateDisplayName, fmt.Sprintf(
			"Site %s has the display name %q too, as upper and lower case do not count: choose another one, or delete one of the two", observed.nameHolder, observed.site.Spec.DisplayName))
	}
	return conditions.True(v1alpha1.ReasonReady, "members and teams can be at the site")
}
