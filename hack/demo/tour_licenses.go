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

// Whom the step about licences is about: two members to whom the sample's template
// gives Premium licences, and one of the sheet, who asks for a third.
var seated = []string{"wei", otherMember}

const latecomer = "a-2001"

// licenses walks through two seats for three members. It ends with no licences, as
// it began, but without one of the two who held a seat.
func (d *demo) licenses(ctx context.Context, _ *state) error {
	d.say("  two Premium seats; the template online gives Premium licences to wei and putri:")
	if err := d.patchCenter(ctx, `{"spec":{"licenses":{"premium":2}}}`); err != nil {
		return err
	}
	for _, name := range seated {
		if err := d.waitFor(ctx, name, "seat", holdsSeat); err != nil {
			return err
		}
	}
	d.say("  a third member asks for one, and may not log in until it has it:")
	if err := d.patchMember(ctx, latecomer, map[string]any{"license": v1alpha1.LicensePremium}); err != nil {
		return err
	}
	if err := d.waitFor(ctx, latecomer, "login Denied for want of a seat", waitsForSeat); err != nil {
		return err
	}
	if err := d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2, Waiting: 1}); err != nil {
		return err
	}
	d.say("  one of the two leaves, and nobody has to do anything for the third:")
	begun := d.clock.Now()
	if err := d.kubectl(ctx, "-n", samplesNamespace, "delete", "member", otherMember); err != nil {
		return err
	}
	if err := d.waitFor(ctx, latecomer, "seat", holdsSeat); err != nil {
		return err
	}
	d.say("  %s has the seat, and may log in, seen %s later", latecomer, d.clock.Since(begun).Round(time.Millisecond))
	if err := d.showSeats(ctx, v1alpha1.SeatCounts{Seats: 2, Used: 2}); err != nil {
		return err
	}
	d.say("  without spec.licenses nobody needs a seat:")
	if err := d.patchCenter(ctx, `{"spec":{"licenses":null}}`); err != nil {
		return err
	}
	return d.waitFor(ctx, sheetMembers[1], "login Allowed", isReady)
}

// showSeats shows the Premium seats once the contact centre counts them so, which
// follows within seconds.
func (d *demo) showSeats(ctx context.Context, want v1alpha1.SeatCounts) error {
	center, key := &v1alpha1.ContactCenter{}, client.ObjectKey{Namespace: samplesNamespace, Name: v1alpha1.ContactCenterName}
	err := wait.PollUntilContextTimeout(ctx, pollInterval, stepTimeout, true, func(ctx context.Context) (bool, error) {
		if err := d.client.Get(ctx, key, center); err != nil {
			return false, err
		}
		return center.Status.Licenses != nil && center.Status.Licenses.Premium == want, nil
	})
	if err != nil {
		return fmt.Errorf("%w: the contact centre counts %+v, not %+v: %w", errStep, center.Status.Licenses, want, err)
	}
	_, err = d.member(ctx, "licenses")
	return err
}

// patchCenter changes the contact centre.
func (d *demo) patchCenter(ctx context.Context, patch string) error {
	return d.kubectl(ctx, "-n", samplesNamespace, "patch", "contactcenter", v1alpha1.ContactCenterName, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", patch)
}

// holdsSeat is whether a member holds a seat, and may log in.
func holdsSeat(m *v1alpha1.Member) bool {
	return m.Status.License != nil && m.Status.License.Tier != "" && m.Status.Login == v1alpha1.LoginAllowed
}

// waitsForSeat is whether a member may not log in, for want of a seat.
func waitsForSeat(m *v1alpha1.Member) bool {
	return m.Status.License != nil && m.Status.License.Requested != "" && m.Status.LoginReason == v1alpha1.LoginReasonNoLicense
}
