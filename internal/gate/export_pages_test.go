package gate

import (
	"net/http"
	"net/url"
	"time"
)

// What tests of the pages see of the package's inside.
var (
	Languages     = languages
	LoginAddress  = loginAddress
	MaxReturn     = maxReturnAddress
	MaxForm       = maxLoginForm
	FormCookie    = formCookieName
	AcceptsHTML   = acceptsHTML
	MaxForms      = maxFormsAtATime
	ReadCatalogue = readCatalogue
	UnknownReason = unknownReason
)

// ReturnAddress is where a browser goes after login.
func ReturnAddress(login *url.URL, asked string) string {
	return returnAddress(login, asked).String()
}

// Wait is a time in the words of a language.
func Wait(tag string, d time.Duration) string { return catalogues[tag].wait(d) }

// LanguageFor is the language that a request is answered in.
func LanguageFor(r *http.Request, locale string) string { return messagesFor(r, locale).Language }

// Messages are the texts of one language.
type Messages = messages
