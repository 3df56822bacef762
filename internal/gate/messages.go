package gate

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// fallbackLanguage is for programs, and for users whose language the gate does not
// have.
const fallbackLanguage = "en"

// maxAcceptLanguage limits the work on a header that every client can send, in bytes.
const maxAcceptLanguage = 512

// languages are the BCP 47 tags of the pages' languages, each with its catalog in
// messages/.
var languages = []string{fallbackLanguage, "zh-CN", "fr", "id"}

//go:embed messages/*.json
var messageFiles embed.FS

// messages are the texts of one language. In a text, {wait} stands for a time.
type messages struct {
	// Language is the BCP 47 tag.
	Language string `json:"-"`

	LogIn            string `json:"logIn"`
	Email            string `json:"email"`
	Password         string `json:"password"`
	PasswordHelp     string `json:"passwordHelp"`
	WrongPassword    string `json:"wrongPassword"`
	LockedTitle      string `json:"lockedTitle"`
	Locked           string `json:"locked"`
	Expired          string `json:"expired"`
	ExpiredTitle     string `json:"expiredTitle"`
	ExpiredHelp      string `json:"expiredHelp"`
	LoggedIn         string `json:"loggedIn"`
	LoggedInAs       string `json:"loggedInAs"`
	Continue         string `json:"continue"`
	LogOut           string `json:"logOut"`
	LoginNeededTitle string `json:"loginNeededTitle"`
	LoginNeeded      string `json:"loginNeeded"`
	DeniedTitle      string `json:"deniedTitle"`
	AskAdministrator string `json:"askAdministrator"`
	OtherAccount     string `json:"otherAccount"`
	ToLogin          string `json:"toLogin"`
	UnavailableTitle string `json:"unavailableTitle"`
	Unavailable      string `json:"unavailable"`
	TryAgain         string `json:"tryAgain"`
	NotFoundTitle    string `json:"notFoundTitle"`
	NotFound         string `json:"notFound"`
	BadRequestTitle  string `json:"badRequestTitle"`
	BadRequest       string `json:"badRequest"`
	Second           string `json:"second"`
	Seconds          string `json:"seconds"`
	Minute           string `json:"minute"`
	Minutes          string `json:"minutes"`
	// Reasons are the texts for reasons of denials, by code; unknownReason is the code
	// for all others.
	Reasons map[string]string `json:"reasons"`
}

// unknownReason is the code of the text for reasons that have no text.
const unknownReason = "unknown"

// catalogs are the messages by language, and matcher finds the language that is
// nearest to a user's preferences.
var catalogs, matcher = mustReadCatalogs()

// mustReadCatalogs reads the catalogs. They are part of the program, so an error is a
// bug.
func mustReadCatalogs() (map[string]*messages, language.Matcher) {
	all := make(map[string]*messages, len(languages))
	tags := make([]language.Tag, 0, len(languages))
	for _, tag := range languages {
		data, err := messageFiles.ReadFile("messages/" + tag + ".json")
		all[tag] = &messages{Language: tag}
		decoder := json.NewDecoder(bytes.NewReader(data))
		decoder.DisallowUnknownFields()
		if err := cmp.Or(err, decoder.Decode(all[tag])); err != nil {
			panic(fmt.Errorf("reading the messages in %s: %w", tag, err))
		}
		tags = append(tags, language.MustParse(tag))
	}
	return all, language.NewMatcher(tags)
}

// messages returns the texts for the answer.
func (x *exchange) messages() *messages { return messagesFor(x.r, x.center.Locale) }

// messagesFor returns the texts in the language that a request asks for
// (Accept-Language, RFC 9110, section 12.5.4), else in the contact center's, else
// in English.
func messagesFor(r *http.Request, locale string) *messages {
	header := strings.Join(r.Header.Values("Accept-Language"), ",")
	if len(header) <= maxAcceptLanguage {
		// A malformed header asks for no language.
		if tags, _, err := language.ParseAcceptLanguage(header); err == nil && len(tags) > 0 {
			if _, index, confidence := matcher.Match(tags...); confidence > language.No {
				return catalogs[languages[index]]
			}
		}
	}
	return cmp.Or(catalogs[locale], catalogs[fallbackLanguage])
}

// reason returns the text for the reason of a denial.
func (m *messages) reason(code string) string {
	return cmp.Or(m.Reasons[code], m.Reasons[unknownReason])
}

// locked returns the text about a lock and its duration.
func (m *messages) locked(wait time.Duration) string {
	return strings.ReplaceAll(m.Locked, "{wait}", m.wait(wait))
}

// wait returns a time in words, rounded up: seconds, or minutes from two on.
func (m *messages) wait(d time.Duration) string {
	number, singular, unit := wholeSeconds(d), m.Second, m.Seconds
	if number >= 120 {
		number, singular, unit = (number+59)/60, m.Minute, m.Minutes
	}
	if number == 1 {
		unit = singular
	}
	return strings.ReplaceAll(unit, "{number}", strconv.FormatInt(number, 10))
}

// wholeSeconds returns a time in whole seconds, rounded up and at least one, as
// Retry-After has it (RFC 9110, section 10.2.3).
func wholeSeconds(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}
