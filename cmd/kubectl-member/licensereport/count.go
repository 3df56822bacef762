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

// count counts the seats, and warns where more are held than there are.
func (r *Report) count(s *cli.Session, center *v1alpha1.ContactCenter, o Options) {
	r.Licensing = new(true)
	if o.Seats {
		r.Seats = seatsOf(center)
	}
	// Members who are listed are counted as they are, and not as the operator has
	// counted them a moment ago.
	r.countsUsed, r.countsWaiting = o.Seats && (o.Holders || o.Waiting), o.Seats && o.Waiting
	if over := overLicensed(center); over != "" {
		cli.Say(s.ErrOut, "%s\n", over)
	}
}

// seatsOf counts the seats as the operator has counted them; the seats themselves are
// those of the spec, also before it has.
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

// overLicensed says that more members hold a seat than there are; empty if not.
func overLicensed(center *v1alpha1.ContactCenter) string {
	ready := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.ReadyCondition)
	if ready == nil || ready.Reason != v1alpha1.ReasonOverLicensed {
		return ""
	}
	return "warning: " + humanize.OneLine(ready.Message)
}

// forgetCounts begins to count anew what is counted as members are read.
func (r *Report) forgetCounts() {
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

// tally counts a licence among the seats.
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
