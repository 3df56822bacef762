package gate_test

import (
	"crypto/sha256"
	"encoding/base64"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

// everyPage returns one answer for each type of page, in a language.
func everyPage(t *testing.T, language string) map[string]*httptest.ResponseRecorder {
	t.Helper()
	b := newBrowser(newEnvironment(t))
	b.headers["Accept-Language"] = language
	pages := map[string]*httptest.ResponseRecorder{
		"login form":   b.get(loginPath),
		"failed login": b.logIn(t, anasEmail, wrongPassword),
		"redirect":     b.get("/verify/support/any"),
		"not found":    b.get("/login/elsewhere"),
		"logged in":    nil,
	}
	b.logIn(t, anasEmail, anasPassword)
	pages["logged in"] = b.get(loginPath)
	pages["refusal"] = b.get("/verify/support/console")
	b.changeMember("ana", func(m *gate.Member) { m.Denial = "ForcedOffline" })
	pages["denied login"] = b.get(loginPath)
	return pages
}

var (
	styleElement = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
	stylePolicy  = regexp.MustCompile(`style-src 'sha256-([^']+)'`)
	references   = regexp.MustCompile(`(?:src|href|action|url)\s*[=(]\s*["']?([^"'\s)>]*)`)
	forbidden    = regexp.MustCompile(`<script|\sstyle=|\son\w+=|ZgotmplZ|http://|<no value>|\{wait\}`)
	identifiers  = regexp.MustCompile(`\sid="([^"]*)"`)
	referred     = regexp.MustCompile(`\s(?:for|aria-describedby)="([^"]*)"`)
)

func TestEveryPageIsStrictSelfContainedAndInItsLanguage(t *testing.T) {
	t.Parallel()
	for _, language := range gate.Languages {
		for name, answer := range everyPage(t, language) {
			t.Run(language+"/"+name, func(t *testing.T) {
				t.Parallel()
				page, h := answer.Body.String(), answer.Header()
				for name, want := range map[string]string{
					"Content-Type": "text/html; charset=utf-8", "Content-Language": language, "X-Content-Type-Options": "nosniff",
					"X-Frame-Options": "DENY", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
					"Content-Length": strconv.Itoa(len(page)),
				} {
					if h.Get(name) != want {
						t.Errorf("%s is %q, want %q", name, h.Get(name), want)
					}
				}
				policy := h.Get("Content-Security-Policy")
				for _, directive := range []string{"default-src 'none'", "form-action 'self' https:", "base-uri 'none'", "frame-ancestors 'none'"} {
					if !strings.Contains(policy, directive) {
						t.Errorf("the policy %q has no %s", policy, directive)
					}
				}
				styles := styleElement.FindAllStringSubmatch(page, -1)
				allowed := stylePolicy.FindStringSubmatch(policy)
				if len(styles) != 1 || allowed == nil {
					t.Fatalf("the page has %d styles, and the policy allows %q", len(styles), allowed)
				}
				if sum := sha256.Sum256([]byte(styles[0][1])); base64.StdEncoding.EncodeToString(sum[:]) != allowed[1] {
					t.Error("the policy allows another style than the page's")
				}
				if found := forbidden.FindString(page); found != "" {
					t.Errorf("the page has %q", found)
				}
				for _, found := range references.FindAllStringSubmatch(page, -1) {
					if found[1] != "" && !strings.HasPrefix(found[1], "https://desk.example.com/") {
						t.Errorf("the page refers to %q", found[1])
					}
				}
				if !strings.HasPrefix(page, "<!DOCTYPE html>\n<html lang=\""+language+"\">") || strings.Count(page, "<h1>") != 1 {
					t.Errorf("the page does not begin with its language, or does not have exactly one heading:\n%s", page)
				}
				var has []string
				for _, id := range identifiers.FindAllStringSubmatch(page, -1) {
					has = append(has, id[1])
				}
				for _, found := range referred.FindAllStringSubmatch(page, -1) {
					for id := range strings.FieldsSeq(found[1]) {
						if !slices.Contains(has, id) {
							t.Errorf("the page refers to a missing element %q", id)
						}
					}
				}
			})
		}
	}
}

func TestTheFormSupportsPasswordManagersAndScreenReaders(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	expectAnswer(t, b.get(loginPath), http.StatusOK, `<title>Log in – Example Support</title>`, `<bdi>Example Support</bdi></h1>`,
		`<label for="email">`, `<label for="password">`, `autocomplete="username"`, `autocomplete="current-password"`, `method="post"`)
	expectAnswer(t, b.logIn(t, anasEmail, wrongPassword), http.StatusUnauthorized, `role="alert" id="alert"`, `aria-describedby="alert"`,
		`aria-describedby="alert help"`, `aria-invalid="true"`)
}

func TestANameCannotBecomeMarkup(t *testing.T) {
	t.Parallel()
	b := newBrowser(newEnvironment(t))
	center := b.centers[support]
	center.DisplayName = `<b>"A" & 'B'</b>`
	b.centers[support] = center
	answer := b.get(loginPath)
	expectAnswer(t, answer, http.StatusOK, `aria-hidden="true">B</div>`, center.DisplayName)
	if strings.Contains(answer.Body.String(), "<b>") {
		t.Errorf("the page has the markup:\n%s", answer.Body)
	}
}

var color = regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)

func TestTheColorsHaveContrast(t *testing.T) {
	t.Parallel()
	style, err := os.ReadFile("templates/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, dark, found := strings.Cut(string(style), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there is no dark scheme")
	}
	// WCAG 2.2: 4.5 for text (1.4.3), 3 for the edges of controls (1.4.11).
	pairs := []struct {
		over, under string
		least       float64
	}{
		{"ink", "card", 4.5},
		{"ink", "ground", 4.5},
		{"ink", "field", 4.5},
		{"soft", "card", 4.5},
		{"soft", "ground", 4.5},
		{"on-accent", "accent", 4.5},
		{"on-accent", "accent-over", 4.5},
		{"alert-ink", "alert", 4.5},
		{"field-edge", "card", 3},
		{"field-edge", "field", 3},
		{"field-edge", "ground", 3},
		{"accent", "card", 3},
		{"alert-edge", "card", 3},
		{"alert-edge", "field", 3},
	}
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]float64{}
		for _, found := range color.FindAllStringSubmatch(text, -1) {
			colors[found[1]] = luminance(t, found[2])
		}
		for _, pair := range pairs {
			over, ok1 := colors[pair.over]
			under, ok2 := colors[pair.under]
			contrast := (max(over, under) + 0.05) / (min(over, under) + 0.05)
			if !ok1 || !ok2 || contrast < pair.least {
				t.Errorf("%s: %s over %s has a contrast of %.2f, less than %.1f", scheme, pair.over, pair.under, contrast, pair.least)
			}
		}
	}
}

// luminance returns the relative luminance of a color (WCAG 2.2).
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(color, 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(shift uint) float64 {
		value := float64(rgb>>shift&0xff) / 255
		if value <= 0.04045 {
			return value / 12.92
		}
		return math.Pow((value+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}
