package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	apimeta "k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// licensesOptions are the flags of `kubectl member licenses`. Of seats, holders and
// waiting, none means all.
type licensesOptions struct {
	output

	seats, holders, waiting bool
}

// newLicensesCommand is `kubectl member licenses`.
func newLicensesCommand(s *session) *cobra.Command {
	var o licensesOptions
	command := &cobra.Command{
		Use:     "licenses",
		Aliases: []string{"licences"},
		Short:   "Show how many seats there are, who holds one and who waits for one",
		Long: `Show how many seats the contact centre has of each licence (SEATS), how many members
hold one (USED), how many are free (FREE), and how many members wait for one
(WAITING); then who waits, and who holds one.

Who waits gets the next free seat by itself: of each licence, those first in the list
go first. A member who holds one licence and waits for another is in both lists. Where
seats were taken away, USED is larger than SEATS: nobody loses a seat by that.`,
		Example: `  # Seats, who waits and who holds
  kubectl member licenses

  # The numbers alone
  kubectl member licenses --seats

  # Who waits, with e-mail address, role and login
  kubectl member licenses --waiting -o wide

  # Give somebody a licence, and take one
  kubectl member edit ana --license Premium
  kubectl member edit ben --license None`,
		Args:              noArguments,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := o.normalise(); err != nil {
				return err
			}
			if !o.seats && !o.holders && !o.waiting {
				o.seats, o.holders, o.waiting = true, true, true
			}
			return s.licenses(command.Context(), o)
		},
	}
	o.output.addTo(command)
	flags := command.Flags()
	flags.BoolVar(&o.seats, "seats", false, "Show the numbers of seats, and nothing else unless asked for")
	flags.BoolVar(&o.holders, "holders", false, "Show who holds a seat, and nothing else unless asked for")
	flags.BoolVar(&o.waiting, "waiting", false, "Show who waits for a seat, and nothing else unless asked for")
	return command
}

// seatUser is a member who holds a seat, or waits for one.
type seatUser struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	// Tier is the seat that the member holds, and Requested the one that it waits for.
	Tier      v1alpha1.LicenseTier      `json:"tier,omitempty"`
	Requested v1alpha1.LicenseTier      `json:"requested,omitempty"`
	Source    v1alpha1.AssignmentSource `json:"source,omitempty"`
	Role      v1alpha1.Role             `json:"role,omitempty"`
	Login     v1alpha1.LoginState       `json:"login,omitempty"`
	// Since is since when a member who waits has not had what is asked for.
	Since *metav1.Time `json:"since,omitempty"`

	created metav1.Time
	uid     types.UID
}

// licensesReport is what `kubectl member licenses` shows. What was not asked for is
// nil.
type licensesReport struct {
	// Licensing is whether the contact centre has licences at all; nil if that may not
	// be known.
	Licensing *bool       `json:"licensing,omitempty"`
	Seats     []tierSeats `json:"seats,omitzero"`
	Waiting   []seatUser  `json:"waiting,omitzero"`
	Holders   []seatUser  `json:"holders,omitzero"`

	// countsUsed and countsWaiting are whether those members are counted as they are
	// read.
	countsUsed, countsWaiting bool
}

// licenses shows the licences of a contact centre.
func (s *session) licenses(ctx context.Context, o licensesOptions) error {
	cluster, namespace, err := s.connect()
	if err != nil {
		return err
	}
	center := &v1alpha1.ContactCenter{}
	report := licensesReport{}
	err = cluster.Get(ctx, client.ObjectKey{Namespace: namespace, Name: v1alpha1.ContactCenterName}, center)
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Errorf("there is no ContactCenter in namespace %s, so there are no licences: choose the contact centre with --namespace", namespace)
	case apierrors.IsForbidden(err) && (o.holders || o.waiting):
		say(s.ErrOut, "note: you may not read the ContactCenter of namespace %s, so seats are not counted\n", namespace)
	case err != nil:
		return explained("", namespace, err)
	case center.Spec.Licenses == nil:
		say(s.ErrOut, "Licensing is off in namespace %s: the ContactCenter has no spec.licenses, so nobody needs a licence to log in.\n", namespace)
		report.Licensing = new(false)
		return report.write(s, o)
	default:
		report.count(s, center, o)
	}
	if err := report.readUsers(ctx, cluster, namespace, o); err != nil {
		return explained("", namespace, err)
	}
	return report.write(s, o)
}

// readUsers finds those who hold a seat and those who wait for one.
func (r *licensesReport) readUsers(ctx context.Context, cluster client.Client, namespace string, o licensesOptions) error {
	if !o.holders && !o.waiting {
		return nil
	}
	var options []client.ListOption
	if o.holders {
		r.Holders = []seatUser{}
	}
	if o.waiting {
		r.Waiting = []seatUser{}
	} else {
		// The API server knows who holds a seat, and not who waits for one.
		holds := true
		filter := memberFilter{assignedFilter: assignedFilter{licensed: &holds}}
		var err error
		if options, err = filter.options(); err != nil {
			return err
		}
	}
	r.forgetCounts()
	err := eachPage(ctx, cluster, namespace, pageSize, func(page []v1alpha1.Member) error {
		for i := range page {
			r.add(&page[i], o)
		}
		return nil
	}, options...)
	// Seats go to the older members first, and of the same second by UID.
	slices.SortStableFunc(r.Waiting, func(a, b seatUser) int {
		return cmp.Or(cmp.Compare(b.Requested, a.Requested), a.created.Compare(b.created.Time), cmp.Compare(a.uid, b.uid))
	})
	return err
}

// add takes a Member in, if it holds a seat or waits for one.
func (r *licensesReport) add(member *v1alpha1.Member, o licensesOptions) {
	license := member.Status.License
	if license == nil {
		return
	}
	r.tally(license)
	user := seatUser{
		Name: member.Name, Email: member.Spec.Email, Tier: license.Tier, Requested: license.Requested, Source: license.Source,
		Role: member.EffectiveRole(), Login: member.Status.Login, created: member.CreationTimestamp, uid: member.UID,
	}
	if o.holders && user.Tier != "" {
		r.Holders = append(r.Holders, user)
	}
	if !o.waiting || user.Requested == "" {
		return
	}
	if condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.LicenseAssignedCondition); condition != nil {
		user.Since = &condition.LastTransitionTime
	}
	r.Waiting = append(r.Waiting, user)
}
