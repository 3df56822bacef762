package counted

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/internal/kube"
	"rollcall.dev/rollcall/internal/references"
)

// siteObservation is all that the status of a Site is made from.
type siteObservation struct {
	now  time.Time
	site *v1alpha1.Site
	// members and teams count those at the site.
	members, teams int32
	// nameHolder is the other Site that holds the display name; empty if the Site
	// holds it itself.
	nameHolder string
}

// siteObserver looks at Sites.
type siteObserver struct {
	reader client.Reader
	now    func() time.Time
	names  displayNames[*v1alpha1.Site]
}

// describe brings the status of a Site up to date.
func (o siteObserver) describe(ctx context.Context, site *v1alpha1.Site) error {
	observed, err := o.observe(ctx, site)
	if err != nil {
		return err
	}
	site.Status = siteStatus(observed)
	return nil
}

// observe makes the only reads of a reconcile.
func (o siteObserver) observe(ctx context.Context, site *v1alpha1.Site) (siteObservation, error) {
	observed := siteObservation{now: o.now(), site: site}
	var err error
	if observed.members, err = kube.CountMembers(ctx, o.reader, site.Namespace, references.SiteIndex.Name, site.Name); err != nil {
		return observed, err
	}
	teams, err := teamsAt(ctx, o.reader, site.Namespace, site.Name)
	if err != nil {
		return observed, err
	}
	observed.teams = int32(len(teams)) //nolint:gosec // as many as fit into memory
	observed.nameHolder, err = o.names.holder(ctx, site)
	return observed, err
}
