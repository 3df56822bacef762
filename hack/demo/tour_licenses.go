package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// waitingMember is an imported member that requests a third license.
const waitingMember = "a-2001"

// licenses demonstrates two seats for three members. Like the start, the end is without
// licensing, but one of the licensed members is deleted.
func (d *demo) licenses(ctx context.Context, _ *state) error {
	var started time.Time
	return inOrder(
		d.saying("  There are two Premium seats; the template online assigns Premium licenses to wei and putri:"),
		func() error { return d.patchCenter(ctx, `{"spec":{"licenses":{"premium":2}}}`) },
		func() error { return d.waitFor(ctx, "wei", "seat", holdsSeat) },
		func() error { return d.waitFor(ctx, otherMember, "seat", holdsSeat) },
		d.saying("  A third member requests a Premium license and cannot log in until it has a seat:"),
		func() error {
			return d.patchMember(ctx, waitingMember, map[string]any{"license": v1alpha1.LicensePremium})
		},
		func() error { return d.waitFor(ctx, waitingMember, "login Denied without a seat", waitsForSeat) },
		func() error { return d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 1}) },
		d.saying("  One of the two is deleted, and the third gets the seat automatically:"),
		func() error {
			started = d.clock.Now()
			return d.kubectl(ctx, "-n", samplesNamespace, "delete", "member", otherMember)
		},
		func() error { return d.waitFor(ctx, waitingMember, "seat", holdsSeat) },
		func() error {
			d.say("  %s has the seat and can log in after %s", waitingMember, d.clock.Since(started).Round(time.Millisecond))
			return d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2})
		},
		d.saying("  Without spec.licenses, members need no seat:"),
		func() error { return d.patchCenter(ctx, `{"spec":{"licenses":null}}`) },
		func() error { return d.waitFor(ctx, importedMembers[1], "login Allowed", isReady) },
	)
}

// showSeats waits until the contact center counts the Premium seats as wanted and prints
// them.
func (d *demo) showSeats(ctx context.Context, want v1alpha1.SeatCounts) error {
	center, key := &v1alpha1.ContactCenter{}, client.ObjectKey{Namespace: samplesNamespace, Name: v1alpha1.ContactCenterName}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		if err := d.cluster.Admin.Get(ctx, key, center); err != nil {
			return false, err
		}
		return center.Status.Licenses != nil && center.Status.Licenses.Premium == want, nil
	})
	if err != nil {
		return fmt.Errorf("%w: the contact center counts %+v, want %+v: %w", errStep, center.Status.Licenses, want, err)
	}
	_, err = d.member(ctx, "licenses")
	return err
}

// patchCenter changes the contact center.
func (d *demo) patchCenter(ctx context.Context, patch string) error {
	return d.kubectl(ctx, "-n", samplesNamespace, "patch", "contactcenter", v1alpha1.ContactCenterName, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", patch)
}

// holdsSeat reports whether a member holds a seat and can log in.
func holdsSeat(m *v1alpha1.Member) bool {
	return m.Status.License != nil && m.Status.License.Tier != "" && m.Status.Login == v1alpha1.LoginAllowed
}

// waitsForSeat reports whether a member cannot log in because it waits for a seat.
func waitsForSeat(m *v1alpha1.Member) bool {
	return m.Status.License != nil && m.Status.License.Requested != "" && m.Status.LoginReason == v1alpha1.LoginReasonNoLicense
}
