// Package licensereport reports seats, who holds one, and who waits for one.
package licensereport

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

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
		report.readCenter(s, center, o)
	}
	if err := report.readUsers(ctx, cluster, namespace, o); err != nil {
		return apicall.Explain("", namespace, err)
	}
	return report.write(s, o)
}

// readCenter shows the seats of a contact center that uses licenses.
func (r *Report) readCenter(s *cli.Session, center *v1alpha1.ContactCenter, o Options) {
	r.Licensing = new(true)
	if o.Seats {
		r.Seats = seatsOf(center)
	}
	if ready := apimeta.FindStatusCondition(center.Status.Conditions, v1alpha1.ReadyCondition); ready != nil && ready.Reason == v1alpha1.ReasonOverLicensed {
		cli.Say(s.ErrOut, "warning: %s\n", humanize.OneLine(ready.Message))
	}
}

// readUsers finds the members who hold a seat or wait for one. Counts match the listed members, even
// if the operator has not counted them yet.
func (r *Report) readUsers(ctx context.Context, cluster client.Client, namespace string, o Options) error {
	if !o.Holders && !o.Waiting {
		return nil
	}
	var filter query.MemberFilter
	if !o.Waiting {
		// The API server can filter members by held seats, but not by waiting.
		filter.Licensed = new(true)
	}
	options, err := filter.ListOptions()
	if err != nil {
		return err
	}
	holders, waiting := []seatUser{}, []seatUser{}
	used, awaited := map[v1alpha1.LicenseTier]int32{}, map[v1alpha1.LicenseTier]int32{}
	err = query.Each(ctx, cluster, query.Members, namespace, func(member *v1alpha1.Member) {
		license := member.Status.License
		if license == nil {
			return
		}
		used[license.Tier]++
		awaited[license.Requested]++
		user := newSeatUser(member, license)
		if user.Tier != "" {
			holders = append(holders, user)
		}
		if user.Requested != "" {
			user.Since = waitingSince(member)
			waiting = append(waiting, user)
		}
	}, options...)
	for i := range r.Seats {
		seats := &r.Seats[i]
		seats.Used, seats.Free = used[seats.Tier], max(0, seats.Seats-used[seats.Tier])
		if o.Waiting {
			seats.Waiting = awaited[seats.Tier]
		}
	}
	if o.Holders {
		r.Holders = holders
	}
	if o.Waiting {
		// Seats go to older members first; of the same second, by UID.
		slices.SortStableFunc(waiting, func(a, b seatUser) int {
			return cmp.Or(cmp.Compare(b.Requested, a.Requested), a.created.Compare(b.created.Time), cmp.Compare(a.uid, b.uid))
		})
		r.Waiting = waiting
	}
	return err
}

type tierSeats struct {
	Tier    v1alpha1.LicenseTier `json:"tier"`
	Seats   int32                `json:"seats"`
	Used    int32                `json:"used"`
	Free    int32                `json:"free"`
	Waiting int32                `json:"waiting"`
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

// write writes the report in the requested format.
func (r *Report) write(s *cli.Session, o Options) error {
	switch o.Format {
	case printer.FormatJSON, printer.FormatYAML:
		text, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing the licenses: %w", err)
		}
		formatted, err := printer.FormatObject(string(text), o.Format)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.Out, formatted)
		return err
	case printer.FormatName:
		for _, user := range r.users() {
			cli.Say(s.Out, "%s/%s\n", query.Members.FullName(), user.Name)
		}
		return nil
	case printer.FormatCSV:
		return r.writeCSV(s, o)
	default:
		return r.writeTables(s, o)
	}
}

// users returns the members who wait and those who hold a seat, each once.
func (r *Report) users() []seatUser {
	var users []seatUser
	seen := map[string]bool{}
	for _, user := range slices.Concat(r.Waiting, r.Holders) {
		if !seen[user.Name] {
			users = append(users, user)
		}
		seen[user.Name] = true
	}
	return users
}

// writeCSV writes the seats if only they are requested, or else the members.
func (r *Report) writeCSV(s *cli.Session, o Options) error {
	headers := []string{"name", "email", "holds", "waitsFor", "source", "role", "login", "since"}
	var rows [][]string
	if o.Seats && !o.Holders && !o.Waiting {
		headers = []string{"tier", "seats", "used", "free", "waiting"}
		rows = r.seatRows()
	}
	for _, user := range r.users() {
		since := ""
		if user.Since != nil {
			since = user.Since.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{
			user.Name, printer.EscapeFormula(user.Email), string(user.Tier), string(user.Requested), string(user.Source), string(user.Role), string(user.Login), since,
		})
	}
	if o.NoHeaders {
		headers = nil
	}
	out := printer.NewCSV(s.Out, headers)
	if err := out.WriteRows(rows); err != nil {
		return err
	}
	return out.Close()
}

func (r *Report) seatRows() [][]string {
	var rows [][]string
	for _, tier := range r.Seats {
		row := []string{string(tier.Tier)}
		for _, number := range []int32{tier.Seats, tier.Used, tier.Free, tier.Waiting} {
			row = append(row, strconv.Itoa(int(number)))
		}
		rows = append(rows, row)
	}
	return rows
}

// part is a table of the report.
type part struct {
	title, empty string
	headers      []string
	rows         [][]string
}

// userPart returns a table of members.
func userPart(title, empty string, headers []string, users []seatUser, wide bool, cells func(seatUser) []string) part {
	p := part{title: title, empty: empty, headers: headers}
	if wide {
		p.headers = append(p.headers, "EMAIL", "ROLE", "LOGIN")
	}
	for _, user := range users {
		row := cells(user)
		if wide {
			row = append(row, user.Email, string(user.Role), string(user.Login))
		}
		p.rows = append(p.rows, row)
	}
	return p
}

// writeTables writes one table as it is, or several with headings.
func (r *Report) writeTables(s *cli.Session, o Options) error {
	var parts []part
	wide := o.Format == printer.FormatWide
	if r.Seats != nil {
		parts = append(parts, part{headers: []string{"TIER", "SEATS", "USED", "FREE", "WAITING"}, rows: r.seatRows()})
	}
	if r.Waiting != nil {
		now := s.Now()
		parts = append(parts, userPart("Waiting, in the order in which members get a seat", "No member waits for a seat.",
			[]string{"NAME", "FOR", "HOLDS", "SOURCE", "SINCE"}, r.Waiting, wide, func(user seatUser) []string {
				since := ""
				if user.Since != nil {
					since = humanize.Age(*user.Since, now)
				}
				return []string{user.Name, string(user.Requested), string(user.Tier), string(user.Source), since}
			}))
	}
	if r.Holders != nil {
		parts = append(parts, userPart("Holding a seat", "No member holds a seat.",
			[]string{"NAME", "TIER", "SOURCE"}, r.Holders, wide, func(user seatUser) []string {
				return []string{user.Name, string(user.Tier), string(user.Source)}
			}))
	}
	for i, p := range parts {
		if i > 0 {
			cli.Say(s.Out, "\n")
		}
		if err := p.write(s, o, len(parts) == 1); err != nil {
			return err
		}
	}
	return nil
}

// write writes a part. A single part has no heading.
func (p *part) write(s *cli.Session, o Options, alone bool) error {
	if len(p.rows) == 0 {
		to := s.Out
		if alone {
			to = s.ErrOut
		}
		cli.Say(to, "%s\n", p.empty)
		return nil
	}
	if !alone && p.title != "" {
		cli.Say(s.Out, "%s\n", s.Paint(cli.Bold, p.title))
	}
	titles := p.headers
	if o.NoHeaders {
		titles = nil
	}
	_, err := io.WriteString(s.Out, printer.Table(titles, p.rows))
	return err
}

func newSeatUser(member *v1alpha1.Member, license *v1alpha1.LicenseStatus) seatUser {
	return seatUser{
		Name: member.Name, Email: member.Spec.Email, Tier: license.Tier, Requested: license.Requested, Source: license.Source,
		Role: member.EffectiveRole(), Login: member.Status.Login, created: member.CreationTimestamp, uid: member.UID,
	}
}

// waitingSince returns since when a member waits for a seat; nil if the status does not say it.
func waitingSince(member *v1alpha1.Member) *metav1.Time {
	if condition := apimeta.FindStatusCondition(member.Status.Conditions, v1alpha1.LicenseAssignedCondition); condition != nil {
		return &condition.LastTransitionTime
	}
	return nil
}
