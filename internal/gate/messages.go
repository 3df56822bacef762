package gate

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/language"
)

// fallbackLanguage is that of what is meant for machines, and of people whose
// language the gate does not have.
const fallbackLanguage = "en"

// maxAcceptLanguage bounds the work on a header that anybody can send, in bytes.
const maxAcceptLanguage = 512

// languages are the languages of the pages, BCP 47 tags, each with its catalogue
// in messages/.
var languages = []string{fallbackLanguage, "zh-CN", "fr", "id"}

//go:embed messages/*.json
var messageFiles embed.FS

// messages are the texts of one language. In a text {wait} stands for a time.
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
	// Reasons say in words why somebody is denied, by the reason's name; the
	// name unknownReason stands for all that have none.
	Reasons map[string]string `json:"reasons"`
}

// unknownReason names the text for a reason that the gate has no words for.
const unknownReason = "unknown"

// catalogues has the messages of every language.
var catalogues = mustReadCatalogues()

// matcher finds the nearest of languages to what somebody asks for.
var matcher = newMatcher()

func newMatcher() language.Matcher {
	tags := make([]language.Tag, 0, len(languages))
	for _, tag := range languages {
		tags = append(tags, language.MustParse(tag))
	}
	return language.NewMatcher(tags)
}

func mustReadCatalogues() map[string]*messages {
	all := make(map[string]*messages, len(languages))
	for _, tag := range languages {
		catalogue, err := readCatalogue(tag)
		if err != nil {
			// The files are part of the program, so this is a mistake in it.
			panic(err)
		}
		all[tag] = catalogue
	}
	return all
}

func readCatalogue(tag string) (*messages, error) {
	data, err := messageFiles.ReadFile("messages/" + tag + ".json")
	if err != nil {
		return nil, fmt.Errorf("reading the messages in %s: %w", tag, err)
	}
	catalogue := &messages{Language: tag}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(catalogue); err != nil {
		return nil, fmt.Errorf("reading the messages in %s: %w", tag, err)
	}
	return catalogue, nil
}

// messagesFor returns the texts in the language that a request asks for
// (Accept-Language, RFC 9110, section 12.5.4), else in the contact centre's, else
// in English.
func messagesFor(r *http.Request, locale string) *messages {
	header := strings.Join(r.Header.Values("Accept-Language"), ",")
	if len(header) <= maxAcceptLanguage {
		// What cannot be read asks for no language.
		if tags, _, err := language.ParseAcceptLanguage(header); err == nil && len(tags) > 0 {
			if _, index, confidence := matcher.Match(tags...); confidence > language.No {
				return catalogues[languages[index]]
			}
		}
	}
	if slices.Contains(languages, locale) {
		return catalogues[locale]
	}
	return catalogues[fallbackLanguage]
}

// reason says in words why somebody is denied.
func (m *messages) reason(name string) string {
	if text, ok := m.Reasons[name]; ok {
		return text
	}
	return m.Reasons[unknownReason]
}

// locked says for how long nobody can log in.
func (m *messages) locked(wait time.Duration) string {
	return strings.ReplaceAll(m.Locked, "{wait}", m.wait(wait))
}

// wait is a time in words, rounded up: seconds, or minutes from two on.
func (m *messages) wait(d time.Duration) string {
	number, one, many := retryAfter(d), m.Second, m.Seconds
	if number >= 120 {
		number, one, many = (number+59)/60, m.Minute, m.Minutes
	}
	unit := many
	if number == 1 {
		unit = one
	}
	return strings.ReplaceAll(unit, "{number}", strconv.FormatInt(number, 10))
}

// retryAfter is a time in whole seconds, rounded up and at least one, as
// Retry-After has it (RFC 9110, section 10.2.3).
func retryAfter(d time.Duration) int64 {
	return max(1, int64((d+time.Second-1)/time.Second))
}
