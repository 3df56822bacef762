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

// licensedMembers get Premium licenses from the sample's template.
var licensedMembers = []string{"wei", otherMember}

// waitingMember is an imported member that requests a third license.
const waitingMember = "a-2001"

// licenses demonstrates two seats for three members. Like the start, the end is without
// licensing, but one of the licensed members is deleted.
func (d *demo) licenses(ctx context.Context, _ *state) error {
	d.say("  There are two Premium seats; the template online assigns Premium licenses to wei and putri:")
	if err := d.patchCenter(ctx, `{"spec":{"licenses":{"premium":2}}}`); err != nil {
		return err
	}
	for _, name := range licensedMembers {
		if err := d.waitFor(ctx, name, "seat", holdsSeat); err != nil {
			return err
		}
	}
	d.say("  A third member requests a Premium license and cannot log in until it has a seat:")
	if err := d.patchMember(ctx, waitingMember, map[string]any{"license": v1alpha1.LicensePremium}); err != nil {
		return err
	}
	if err := d.waitFor(ctx, waitingMember, "login Denied without a seat", waitsForSeat); err != nil {
		return err
	}
	if err := d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 1}); err != nil {
		return err
	}
	d.say("  One of the two is deleted, and the third gets the seat automatically:")
	started := d.clock.Now()
	if err := d.kubectl(ctx, "-n", samplesNamespace, "delete", "member", otherMember); err != nil {
		return err
	}
	if err := d.waitFor(ctx, waitingMember, "seat", holdsSeat); err != nil {
		return err
	}
	d.say("  %s has the seat and can log in after %s", waitingMember, d.clock.Since(started).Round(time.Millisecond))
	if err := d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2}); err != nil {
		return err
	}
	d.say("  Without spec.licenses, members need no seat:")
	if err := d.patchCenter(ctx, `{"spec":{"licenses":null}}`); err != nil {
		return err
	}
	return d.waitFor(ctx, importedMembers[1], "login Allowed", isReady)
}

// showSeats waits until the contact center counts the Premium seats as wanted and prints
// them.
func (d *demo) showSeats(ctx context.Context, want v1alpha1.SeatCounts) error {
	center, key := &v1alpha1.ContactCenter{}, client.ObjectKey{Namespace: samplesNamespace, Name: v1alpha1.ContactCenterName}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		if err := d.client.Get(ctx, key, center); err != nil {
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
