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

// The pages, by the file under templates/ that has their content.
const (
	formPage    = "form.html"
	sessionPage = "session.html"
	noticePage  = "notice.html"
)

// page is what a page shows. Only Text is needed by all of them.
type page struct {
	// Text are the texts in the language of the page.
	Text *messages
	// Center is the contact centre's name; empty where there is none.
	Center string
	// Title is the title of the document, and the heading of a notice.
	Title string
	// RefreshTo is where the browser goes by itself, at once; empty for nowhere.
	RefreshTo string

	// Alert says what went wrong and AlertHelp what to do; Alert is empty if
	// nothing did. Invalid: what was typed in is wrong.
	Alert, AlertHelp string
	Invalid          bool
	// Token and Return are hidden fields of the forms: the form token and the
	// return address.
	Token, Return string
	// Name is the member who is logged in, Email their address, or what was typed
	// into the form.
	Name, Email string

	// Lines are the paragraphs of a notice, and Link where it leads.
	Lines []string
	Link  *link
}

// link is an address with what to call it.
type link struct{ Address, Text string }

// Initial is the letter that stands for the contact centre; empty if its name has
// none.
func (p page) Initial() string {
	for _, r := range p.Center {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return string(unicode.ToUpper(r))
		}
	}
	return ""
}

// pages are the templates by content, and the policy that allows their style.
var pages, contentSecurityPolicy = mustParsePages()

// mustParsePages reads the templates, and computes the Content-Security-Policy
// (CSP level 3) from the style as it comes out of them. Templates are part of the
// program, so that an error is a mistake in it.
func mustParsePages() (map[string]*template.Template, string) {
	parsed := make(map[string]*template.Template)
	for _, content := range []string{formPage, sessionPage, noticePage} {
		parsed[content] = template.Must(template.New("layout.html").Option("missingkey=error").
			ParseFS(templateFiles, "templates/layout.html", "templates/style.css", "templates/"+content))
	}
	var sample bytes.Buffer
	if err := parsed[noticePage].Execute(&sample, page{Text: catalogues[fallbackLanguage]}); err != nil {
		panic(err)
	}
	_, after, _ := strings.Cut(sample.String(), "<style>")
	style, _, found := strings.Cut(after, "</style>")
	if !found {
		panic(errors.New("the layout of the pages has no style"))
	}
	hash := sha256.Sum256([]byte(style))
	// The form posts to its own address only. But Chromium holds every redirect that
	// follows to form-action too, so that after login nobody came to an application
	// that sends them on to another host, as one with single sign-on does.
	return parsed, "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"
}

// writePage answers with a page.
func writePage(w http.ResponseWriter, status int, content string, p page) {
	var body bytes.Buffer
	if err := pages[content].Execute(&body, p); err != nil {
		// A mistake in a template. What fails is not said, since it may show a value.
		http.Error(w, "The page cannot be shown: this is a fault of the login gate.", http.StatusInternalServerError)
		return
	}
	header := w.Header()
	protect(header)
	header.Set("Content-Type", "text/html; charset=utf-8")
	header.Set("Content-Language", p.Text.Language)
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	//nolint:errcheck // The client is gone; there is nobody left to tell.
	_, _ = body.WriteTo(w)
}

// protect sets the headers that every answer with a body has: nothing is kept,
// framed, or taken for something else, and no address leaks to other sites.
func protect(header http.Header) {
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("X-Frame-Options", "DENY")
	header.Set("Referrer-Policy", "same-origin")
}
