package testenv

import (
	"context"
	"html"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// Browser is a minimal web browser. It stores cookies because Go's cookie jar, unlike
// browsers, rejects those of the gate on localhost without TLS.
type Browser struct {
	Client  http.Client
	Cookies map[string]string

	site string // the beginning of all addresses
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// NewBrowser returns a browser for a site. It follows no redirects.
func NewBrowser(site string) *Browser {
	return &Browser{site: site, Cookies: map[string]string{}, Client: http.Client{
		Timeout:       10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Get requests a page, and returns the status and the text of the answer.
func (b *Browser) Get(ctx context.Context, page string) (int, string, error) {
	return b.send(ctx, http.MethodGet, page, url.Values{})
}

// LogIn fills in and submits a login page, and returns the status of the answer.
func (b *Browser) LogIn(ctx context.Context, page, email, password string) (int, error) {
	_, text, err := b.Get(ctx, page)
	if err != nil {
		return 0, err
	}
	form := url.Values{"email": {email}, "password": {password}}
	for _, field := range hiddenField.FindAllStringSubmatch(text, -1) {
		form.Set(field[1], html.UnescapeString(field[2]))
	}
	status, _, err := b.send(ctx, http.MethodPost, page, form)
	return status, err
}

// send sends a request with the stored cookies and stores those in the response.
func (b *Browser) send(ctx context.Context, method, page string, form url.Values) (int, string, error) {
	request, err := http.NewRequestWithContext(ctx, method, b.site+page, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for name, value := range b.Cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // a request's cookies have no attributes
	}
	response, err := b.Client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }() //nolint:errcheck // the body has been read
	for _, cookie := range response.Cookies() {
		b.Cookies[cookie.Name] = cookie.Value
	}
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}
