package gate

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"unicode"
)

//go:embed templates
var templateFiles embed.FS

// The files under templates/ with the content of each page.
const (
	formPage    = "form.html"
	sessionPage = "session.html"
	noticePage  = "notice.html"
)

// page is the data of a page. Only Text is always required.
type page struct {
	// Text holds the texts in the language of the page.
	Text *messages
	// Center is the contact center's name; empty if there is none.
	Center string
	// Title is the title of the document, and the heading of a notice.
	Title string
	// RefreshTo is the address that the browser opens at once; empty for none.
	RefreshTo string

	// Alert says what went wrong, if anything, and AlertHelp what to do. Invalid marks
	// the input as wrong.
	Alert, AlertHelp string
	Invalid          bool
	// Token and Return are hidden fields of the forms: the form token and the
	// return address.
	Token, Return string
	// Name is the logged-in member. Email is the member's address, or the one typed
	// into the form.
	Name, Email string

	// Lines are the paragraphs of a notice, and Link is the link below them.
	Lines []string
	Link  *link
}

// link is an address with its text.
type link struct{ Address, Text string }

// Initial returns the first letter or digit of the contact center's name in upper
// case; empty if it has none.
func (p page) Initial() string {
	for _, r := range p.Center {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}

// pages are the templates by content; contentSecurityPolicy allows their style.
var pages, contentSecurityPolicy = mustParsePages()

// mustParsePages parses the templates, and computes the Content-Security-Policy
// (CSP level 3) from the style that they render. Templates are part of the program, so
// an error is a bug.
func mustParsePages() (map[string]*template.Template, string) {
	parsed := make(map[string]*template.Template)
	for _, content := range []string{formPage, sessionPage, noticePage} {
		parsed[content] = template.Must(template.New("layout.html").Option("missingkey=error").
			ParseFS(templateFiles, "templates/layout.html", "templates/style.css", "templates/"+content))
	}
	var sample bytes.Buffer
	if err := parsed[noticePage].Execute(&sample, page{Text: catalogs[fallbackLanguage]}); err != nil {
		panic(err)
	}
	_, after, _ := strings.Cut(sample.String(), "<style>")
	style, _, found := strings.Cut(after, "</style>")
	if !found {
		panic(errors.New("the layout of the pages has no style"))
	}
	hash := sha256.Sum256([]byte(style))
	// The form posts only to its own address. But Chromium also applies form-action to
	// the redirects that follow. Without https:, a login could not lead to an
	// application that redirects to another host, for example for single sign-on.
	return parsed, "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"
}

// writePage answers with a page.
func writePage(w http.ResponseWriter, status int, content string, p page) {
	var body bytes.Buffer
	if err := pages[content].Execute(&body, p); err != nil {
		// A bug in a template. The error is not shown: it may contain a value.
		http.Error(w, "The login gate cannot show this page because of an error in its template. Report this to your administrator.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Language", p.Text.Language)
	w.Header().Set("Content-Security-Policy", contentSecurityPolicy)
	writeBody(w, status, "text/html; charset=utf-8", body.Bytes())
}

// writeBody answers with a body.
func writeBody(w http.ResponseWriter, status int, contentType string, body []byte) {
	header := w.Header()
	protect(header)
	header.Set("Content-Type", contentType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:errcheck // it fails only if the client is gone
}

// protect sets the security headers of answers: no cache, no frame, no content
// sniffing, and no referrer to other sites.
func protect(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
}
