package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"

	"rollcall.dev/rollcall/test/testenv"
)

// loginGate demonstrates how the gate admits and refuses a member.
func (d *demo) loginGate(ctx context.Context, before *state) error {
	b := testenv.NewBrowser(d.site.address)
	defer b.Client.CloseIdleConnections()
	logIn := func() error {
		return d.expectStatus(ctx, "log in as "+before.member.Spec.Email, http.StatusSeeOther, func() (int, error) {
			return b.LogIn(ctx, "/login", before.member.Spec.Email, before.password)
		})
	}
	visit := func(page string, want int) error {
		return d.expectStatus(ctx, "GET "+page, want, func() (int, error) {
			status, _, err := b.Get(ctx, page)
			return status, err
		})
	}
	return inOrder(
		func() error { return visit("/", http.StatusUnauthorized) },
		logIn,
		func() error { return visit("/console", http.StatusOK) },
		func() error { return visit("/workbench", http.StatusForbidden) },
		func() error { return d.patch(ctx, map[string]any{"forceOffline": true}) },
		func() error { return visit("/console", http.StatusForbidden) },
		func() error { return d.patch(ctx, map[string]any{"forceOffline": nil}) },
		func() error { return d.waitFor(ctx, tourMember, "login Allowed", isReady) },
		func() error { return visit("/console", http.StatusUnauthorized) },
		logIn,
		func() error { return visit("/console", http.StatusOK) },
	)
}

// expectStatus repeats a request until it gets a status and prints how long that took: the gate
// learns of changes through a watch.
func (d *demo) expectStatus(ctx context.Context, what string, want int, try func() (int, error)) error {
	started, got := d.clock.Now(), 0
	err := wait.PollUntilContextTimeout(ctx, time.Millisecond, stepTimeout, true, func(context.Context) (_ bool, err error) {
		got, err = try()
		return got == want, err
	})
	if err != nil {
		return fmt.Errorf("%w: %s: got status %d, want %d: %w", errStep, what, got, want, err)
	}
	d.say("  %-32s %d %s after %s", what, want, http.StatusText(want), d.clock.Since(started).Round(time.Millisecond))
	return nil
}
