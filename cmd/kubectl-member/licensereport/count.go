// Package licensereport reports seats, who holds one, and who waits for one.
package licensereport

import (
	apimeta "k8s.io/apimachinery/pkg/api/meta"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// tierSeats are the seats of one tier.
type tierSeats struct {
	Tier    v1alpha1.LicenseTier `json:"tier"`
	Seats   int32                `json:"seats"`
	Used    int32                `json:"used"`
	Free    int32                `json:"free"`
	Waiting int32                `json:"waiting"`
}

// count adds the seats, and warns if more are held than exist.
func (r *Report) count(s *cli.Session, center *v1alpha1.ContactCenter, o Options) {
	r.Licensing = new(true)
	if o.Seats {
		r.Seats = seatsOf(center)
	}
	// Counts match the listed members, even if the operator has not counted them yet.
	r.countsUsed, r.countsWaiting = o.Seats && (o.Holders || o.Waiting), o.Seats && o.Waiting
	if over := overLicensed(center); over != "" {
		cli.Say(s.ErrOut, "%s\n", over)
	}
}

// seatsOf returns the seats of the spec, with the operator's counts.
func seatsOf(center *v1alpha1.ContactCenter) []tierSeats {
	counted := v1alpha1.LicensesStatus{}
	if center.Status.Licenses != nil {
		counted = *center.Status.Licenses
	}
	row := func(tier v1alpha1.LicenseTier, counts v1alpha1.SeatCounts) tierSeats {
		seats := center.Spec.Licenses.Seats(tier)
		return tierSeats{Tier: tier, Seats: seats, Used: counts.Used, Free: max(0, seats-counts.Used), Waiting: counts.Waiting}
	}
	return []tierSeats{row(v1alpha1.TierStandard, counted.Standard), row(v1alpha1.TierPremium, counted.Premium)}
}

// overLicensed returns a warning if more members hold a seat than exist, or else nothing.
func overLicensed(center *v1alpha1.ContactCenter) string {
	ready := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.ReadyCondition)
	if ready == nil || ready.Reason != v1alpha1.ReasonOverLicensed {
		return ""
	}
	return "warning: " + humanize.OneLine(ready.Message)
}

// resetCounts resets the counts that add counts again.
func (r *Report) resetCounts() {
	for i := range r.Seats {
		seats := &r.Seats[i]
		if r.countsUsed {
			seats.Used, seats.Free = 0, seats.Seats
		}
		if r.countsWaiting {
			seats.Waiting = 0
		}
	}
}

// tally counts a license.
func (r *Report) tally(license *v1alpha1.LicenseStatus) {
	for i := range r.Seats {
		seats := &r.Seats[i]
		if r.countsUsed && license.Tier == seats.Tier {
			seats.Used++
			seats.Free = max(0, seats.Seats-seats.Used)
		}
		if r.countsWaiting && license.Requested == seats.Tier {
			seats.Waiting++
		}
	}
}
