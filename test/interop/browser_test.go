//go:build interop

package interop

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browserPatience is how long a page has to come.
const browserPatience = 30 * time.Second

// browser is a Chromium with one tab and an empty profile, for which
// desk.example.com is the proxied site.
type browser struct {
	*proxiedSite
	tab context.Context //nolint:containedctx // chromedp's tabs are contexts
}

// page is what the browser ended up with.
type page struct {
	status int
	header map[string]any
	url    string
	text   string
}

// step is what a person does in a browser.
type step = chromedp.Action[chromedp.Void]

func newBrowser(s *proxiedSite) *browser {
	s.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(suite.programs["chromium"]),
		chromedp.UserDataDir(s.TempDir()),
		chromedp.DisableGPU,
		// The name, and the port that is none in an address, lead to the proxy.
		chromedp.Flag("host-resolver-rules", "MAP "+deskHost+":443 "+s.address),
		chromedp.Flag("ignore-certificate-errors-spki-list", suite.certs.deskKey),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "en-US"),
	)
	if os.Geteuid() == 0 {
		// Chromium does not run as root otherwise.
		options = append(options, chromedp.NoSandbox)
	}
	// The end of the test's context would be a crash to chromedp.
	allocator, stop := chromedp.NewExecAllocator(context.WithoutCancel(s.Context()), options...)
	s.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(allocator)
	s.Cleanup(closeTab)
	b := &browser{proxiedSite: s, tab: tab}
	if err := chromedp.Do(tab); err != nil {
		s.Fatalf("starting Chromium: %v", err)
	}
	return b
}

// do does what leads to another page, and returns that page.
func (b *browser) do(steps ...step) page {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.tab, browserPatience)
	defer cancel()
	response, err := chromedp.RunResponse(ctx, steps...)
	if err != nil {
		b.Fatalf("in the browser: %v", err)
	}
	if response == nil {
		b.Fatal("the browser got no page")
	}
	location, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		b.Fatal(err)
	}
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		b.Fatal(err)
	}
	return page{status: int(response.Status), header: response.Headers, url: location, text: text}
}

// visit opens a path of the site.
func (b *browser) visit(path string) page {
	b.Helper()
	return b.do(chromedp.Navigate(deskURL + path))
}

// click clicks on the element with an ID.
func (b *browser) click(id string) page {
	b.Helper()
	return b.do(chromedp.Click(chromedp.CSS("#" + id)))
}

// logIn fills the login form in, which has to be there, and sends it.
func (b *browser) logIn(email, password string) page {
	b.Helper()
	return b.do(
		chromedp.Clear(chromedp.CSS("#email")),
		chromedp.SendKeys(chromedp.CSS("#email"), email),
		chromedp.SendKeys(chromedp.CSS("#password"), password),
		chromedp.Click(chromedp.CSS("form button[type=submit]")),
	)
}

// cookies are the values of the browser's cookies by their names.
func (b *browser) cookies() map[string]string {
	b.Helper()
	values := map[string]string{}
	if err := chromedp.Do(b.tab, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		result, err := cdp.Call(ctx, t, network.GetCookies, network.GetCookiesParams{})
		for _, cookie := range result.Cookies {
			values[cookie.Name] = cookie.Value
		}
		return err
	})); err != nil {
		b.Fatal(err)
	}
	return values
}

// wants fails the test if a page is not the site's at a path, shown to a member.
func (b *browser) wantsSite(got page, path string, p *member) {
	b.Helper()
	if got.status != 200 || got.url != deskURL+path || !strings.Contains(got.text, p.name) {
		b.Fatalf("got %s, want the site at %s for %s", got, path, p.name)
	}
}

// wantsLogin fails the test if a page is not the login page.
func (b *browser) wantsLogin(got page) {
	b.Helper()
	if !strings.HasPrefix(got.url, deskURL+"/login") || !strings.Contains(got.text, "Acme Support") {
		b.Fatalf("got %s, want the login page", got)
	}
}

// wantsRefusal fails the test if a page is not the gate's that refuses, for a
// reason.
func (b *browser) wantsRefusal(got page, reason string) {
	b.Helper()
	named := ""
	for name, value := range got.header {
		if strings.EqualFold(name, "X-Rollcall-Reason") {
			named = fmt.Sprint(value)
		}
	}
	if got.status != 403 || named != reason || !strings.Contains(got.text, "Acme Support") {
		b.Fatalf("got %s with the reason %q, want the page that refuses with %s", got, named, reason)
	}
}

func (p page) String() string {
	return fmt.Sprintf("%s (%d): %q", p.url, p.status, p.text)
}
