package counted

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
)

// desktopProfileObservation is all that the status of a DesktopProfile is made from.
type desktopProfileObservation struct {
	now     time.Time
	profile *v1alpha1.DesktopProfile
	// members counts those that have the profile.
	members int32
}

// desktopProfileStatus derives the whole status from what was observed.
func desktopProfileStatus(observed desktopProfileObservation) v1alpha1.DesktopProfileStatus {
	profile := observed.profile
	status := *profile.Status.DeepCopy()
	status.ObservedGeneration = profile.Generation
	status.Members = &observed.members
	conditions.True(v1alpha1.ReasonReady, "members can have the profile").
		Set(&status.Conditions, v1alpha1.ReadyCondition, profile.Generation, metav1.NewTime(observed.now).Rfc3339Copy())
	return status
}
