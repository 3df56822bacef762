package counted

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// teamObservation is all that the status of a Team is made from.
type teamObservation struct {
	now  time.Time
	team *v1alpha1.Team
	// members counts those in the team.
	members int32
	// siteExists is whether the team's Site does.
	siteExists bool
	// nameHolder is the other Team that holds the display name at the site; empty if
	// the Team holds it itself.
	nameHolder string
}

// teamObserver looks at Teams.
type teamObserver struct {
	reader client.Reader
	now    func() time.Time
	names  displayNames[*v1alpha1.Team]
}

// describe brings the status of a Team up to date.
func (o teamObserver) describe(ctx context.Context, team *v1alpha1.Team) error {
	observed, err := o.observe(ctx, team)
	if err != nil {
		return err
	}
	team.Status = teamStatus(observed)
	return nil
}

// observe makes the only reads of a reconcile.
func (o teamObserver) observe(ctx context.Context, team *v1alpha1.Team) (teamObservation, error) {
	observed := teamObservation{now: o.now(), team: team}
	var err error
	if observed.members, err = kube.CountMembers(ctx, o.reader, team.Namespace, references.TeamIndex.Name, team.Name); err != nil {
		return observed, err
	}
	if observed.siteExists, err = kube.Exists(ctx, o.reader, team.Namespace, team.Spec.Site, &v1alpha1.Site{}); err != nil {
		return observed, err
	}
	observed.nameHolder, err = o.names.holder(ctx, team)
	return observed, err
}
