package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// browser is a minimal web browser. It stores the gate's cookies because Go's cookie jar,
// unlike browsers, rejects them on localhost without TLS.
type browser struct {
	site    string
	client  *http.Client
	cookies map[string]string
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// loginGate demonstrates how the gate admits and refuses a member.
func (d *demo) loginGate(ctx context.Context, before *state) error {
	b := &browser{site: d.site.address, client: d.site.client, cookies: map[string]string{}}
	logIn := func() error {
		return b.expect(ctx, d, "log in as "+before.member.Spec.Email, http.StatusSeeOther, func() (int, error) {
			return b.logIn(ctx, before.member.Spec.Email, before.password)
		})
	}
	visit := func(page string, want int) error {
		return b.expect(ctx, d, "GET "+page, want, func() (int, error) {
			status, _, err := b.get(ctx, page)
			return status, err
		})
	}
	steps := []func() error{
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
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// expect repeats a request until it gets a status and prints how long that took: the gate
// learns of changes through a watch.
func (b *browser) expect(ctx context.Context, d *demo, what string, want int, try func() (int, error)) error {
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

// get requests a page.
func (b *browser) get(ctx context.Context, page string) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.site+page, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	return b.send(request)
}

// logIn fills in and submits the login page.
func (b *browser) logIn(ctx context.Context, email, password string) (int, error) {
	_, page, err := b.get(ctx, "/login")
	if err != nil {
		return 0, err
	}
	form := url.Values{"email": {email}, "password": {password}}
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Set(field[1], field[2])
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.site+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, err := b.send(request)
	return status, err
}

// send sends a request with the stored cookies and stores those in the response.
func (b *browser) send(request *http.Request) (int, string, error) {
	request.Header.Set("Accept", "text/html")
	for name, value := range b.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // a request's cookies have no attributes
	}
	response, err := b.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }() //nolint:errcheck // the body has been read
	for _, cookie := range response.Cookies() {
		b.cookies[cookie.Name] = cookie.Value
	}
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}
