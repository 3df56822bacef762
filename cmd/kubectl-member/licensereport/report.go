// Package licensereport reports seats, who holds one, and who waits for one.
package licensereport

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/apicall"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// Options are the flags of `kubectl member licenses`. If no part is requested, all are shown.
type Options struct {
	printer.Output

	Seats, Holders, Waiting bool
}

// seatUser is a member who holds a seat or waits for one.
type seatUser struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Tier is the seat that the member holds. Requested is the seat that it waits for.
	Tier      v1alpha1.LicenseTier      `json:"tier,omitempty"`
	Requested v1alpha1.LicenseTier      `json:"requested,omitempty"`
	Source    v1alpha1.AssignmentSource `json:"source,omitempty"`
	Role      v1alpha1.Role             `json:"role,omitempty"`
	Login     v1alpha1.LoginState       `json:"login,omitempty"`
	// Since is when a waiting member started to wait.
	Since *metav1.Time `json:"since,omitempty"`

	created metav1.Time
	uid     types.UID
}

// Report is what `kubectl member licenses` shows. Parts that were not requested are nil.
type Report struct {
	// Licensing reports whether the contact center uses licenses. It is nil if the user may not
	// know.
	Licensing *bool       `json:"licensing,omitempty"`
	Seats     []tierSeats `json:"seats,omitzero"`
	Waiting   []seatUser  `json:"waiting,omitzero"`
	Holders   []seatUser  `json:"holders,omitzero"`

	// countsUsed and countsWaiting report whether add counts these members.
	countsUsed, countsWaiting bool
}

// Show shows the licenses of a contact center.
func Show(ctx context.Context, s *cli.Session, o Options) error {
	cluster, namespace, err := s.Connect()
	if err != nil {
		return err
	}
	center := &v1alpha1.ContactCenter{}
	report := Report{}
	err = cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: v1alpha1.ContactCenterName}, center)
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("there is no ContactCenter in namespace %s, so there are no licenses: select the contact center with --namespace", namespace)
	case apierrors.IsForbidden(err) && (o.Holders || o.Waiting):
		cli.Say(s.ErrOut, "note: you are not allowed to read the ContactCenter of namespace %s, so seats are not counted\n", namespace)
	case err != nil:
		return apicall.Explain("", namespace, err)
	case center.Spec.Licenses == nil:
		cli.Say(s.ErrOut, "Licensing is off in namespace %s: the ContactCenter has no spec.licenses, so members need no license to log in.\n", namespace)
		report.Licensing = new(false)
		return report.write(s, o)
	default:
		report.count(s, center, o)
	}
	if err := report.readUsers(ctx, cluster, namespace, o); err != nil {
		return apicall.Explain("", namespace, err)
	}
	return report.write(s, o)
}

// readUsers finds the members who hold a seat or wait for one.
func (r *Report) readUsers(ctx context.Context, cluster client.Client, namespace string, o Options) error {
	if !o.Holders && !o.Waiting {
		return nil
	}
	var options []client.ListOption
	if o.Holders {
		r.Holders = []seatUser{}
	}
	if o.Waiting {
		r.Waiting = []seatUser{}
	} else {
		// The API server can filter members by held seats, but not by waiting.
		holds := true
		filter := query.MemberFilter{AssignedFilter: query.AssignedFilter{Licensed: &holds}}
		var err error
		if options, err = filter.ListOptions(); err != nil {
			return err
		}
	}
	r.resetCounts()
	err := query.EachMemberPage(ctx, cluster, namespace, query.PageSize, func(page []v1alpha1.Member) error {
		for i := range page {
			r.add(&page[i], o)
		}
		return nil
	}, options...)
	// Seats go to older members first; of the same second, by UID.
	slices.SortStableFunc(r.Waiting, func(a, b seatUser) int {
		return cmp.Or(cmp.Compare(b.Requested, a.Requested), a.created.Compare(b.created.Time), cmp.Compare(a.uid, b.uid))
	})
	return err
}

// add adds a Member that holds a seat or waits for one.
func (r *Report) add(member *v1alpha1.Member, o Options) {
	license := member.Status.License
	if license == nil {
		return
	}
	r.tally(license)
	user := seatUser{
		Name: member.Name, Email: member.Spec.Email, Tier: license.Tier, Requested: license.Requested, Source: license.Source,
		Role: member.EffectiveRole(), Login: member.Status.Login, created: member.CreationTimestamp, uid: member.UID,
	}
	if o.Holders && user.Tier != "" {
		r.Holders = append(r.Holders, user)
	}
	if !o.Waiting || user.Requested == "" {
		return
	}
	if condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.LicenseAssignedCondition); condition != nil {
		user.Since = &condition.LastTransitionTime
	}
	r.Waiting = append(r.Waiting, user)
}

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
