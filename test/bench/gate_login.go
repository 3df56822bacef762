package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

const (
	formCookie    = "__Host-rollcall-form." + deskNamespace
	sessionCookie = "__Host-rollcall-" + deskNamespace
)

var formToken = regexp.MustCompile(`name="token" value="([^"]*)"`)

// browser logs members in through the login page, one after the other.
type browser struct {
	http.Client

	page string
	// form and token are the browser's nonce and the token of the form.
	form, token string
}

// logIn logs in the members that load is about, and keeps their session cookies.
func (w *gateBench) logIn(ctx context.Context, g *gateProcess) error {
	b := &browser{page: "http://" + g.address + "/login/" + deskNamespace}
	b.Timeout = 10 * time.Second
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	defer b.CloseIdleConnections()
	w.say("logging in %d members", len(w.asked))
	if err := b.open(ctx); err != nil {
		return fmt.Errorf("the login page: %w", err)
	}
	for _, who := range w.asked {
		session, err := b.submit(ctx, who)
		if err != nil {
			return fmt.Errorf("logging in %s: %w", who.name, err)
		}
		w.sessions = append(w.sessions, session)
	}
	return nil
}

// open gets the login page.
func (b *browser) open(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, b.page, http.NoBody)
	if err != nil {
		return err
	}
	response, err := b.Do(request)
	if err != nil {
		return err
	}
	page, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close(), expectOK(response.StatusCode)); err != nil {
		return err
	}
	found := formToken.FindSubmatch(page)
	if found == nil {
		return errors.New("it has no hidden field named token")
	}
	b.token = html.UnescapeString(string(found[1]))
	b.form, err = cookieOf(response, formCookie)
	return err
}

// submit sends the form for a member, and returns the session cookie's value.
func (b *browser) submit(ctx context.Context, who person) (string, error) {
	form := url.Values{"token": {b.token}, "email": {who.email}, "password": {who.password}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.page, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Cookie", formCookie+"="+b.form)
	response, err := b.Do(request)
	if err != nil {
		return "", err
	}
	_, err = io.Copy(io.Discard, response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusSeeOther {
		return "", fmt.Errorf("the answer is %s, and not a redirect", response.Status)
	}
	return cookieOf(response, sessionCookie)
}

// cookieOf is the value of a cookie that an answer sets.
func cookieOf(response *http.Response, name string) (string, error) {
	for _, cookie := range response.Cookies() {
		if cookie.Name == name {
			return cookie.Value, nil
		}
	}
	return "", fmt.Errorf("the answer sets no cookie %s", name)
}
