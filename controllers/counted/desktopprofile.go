package counted

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/conditions"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// SetupDesktopProfile adds the controller of DesktopProfiles.
func SetupDesktopProfile(mgr manager.Manager, now func() time.Time) error {
	return kube.StatusController[v1alpha1.DesktopProfile, *v1alpha1.DesktopProfile]{
		Name: "desktopprofile", Now: now,
		UpdateStatus: func(ctx context.Context, profile *v1alpha1.DesktopProfile, now time.Time) error {
			members, err := kube.CountMembers(ctx, mgr.GetClient(), profile.Namespace, references.DesktopProfileIndex.Name, profile.Name)
			if err != nil {
				return err
			}
			profile.Status = desktopProfileStatus(desktopProfileObservation{now: now, profile: profile, members: members})
			return nil
		},
		Watches: []source.Source{
			source.Kind(mgr.GetCache(), &v1alpha1.Member{}, kube.RecountOnMemberChange(references.DesktopProfileIndex.Values)),
		},
	}.Setup(mgr)
}

// desktopProfileObservation holds everything from which the status of a DesktopProfile
// is derived.
type desktopProfileObservation struct {
	now     time.Time
	profile *v1alpha1.DesktopProfile
	// members counts those that have the profile.
	members int32
}

// desktopProfileStatus derives the status of a DesktopProfile from an observation.
func desktopProfileStatus(observed desktopProfileObservation) v1alpha1.DesktopProfileStatus {
	profile := observed.profile
	status := *profile.Status.DeepCopy()
	status.ObservedGeneration = profile.Generation
	status.Members = &observed.members
	conditions.True(v1alpha1.ReasonReady, "The desktop profile is ready for members.").
		Set(&status.Conditions, v1alpha1.ReadyCondition, profile.Generation, metav1.NewTime(observed.now).Rfc3339Copy())
	return status
}
