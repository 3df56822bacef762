package gate_test

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/internal/gate"
)

func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	// Every loginReason of a denial, the gate's own reason, and the one for all others; sorted.
	reasons := []string{"Deleting", "Duplicate", "ForcedOffline", "Inactive", "NoLicense", "NotIssued", "PolicyNotMet", gate.UnknownReason}
	english := gate.Catalogs["en"]
	for _, tag := range gate.Languages {
		t.Run(tag, func(t *testing.T) {
			t.Parallel()
			catalog := gate.Catalogs[tag]
			texts := map[string]string{}
			inEnglish := map[string]string{}
			for field, value := range reflect.ValueOf(*catalog).Fields() {
				if value.Kind() == reflect.String {
					texts[field.Name] = value.String()
					inEnglish[field.Name] = reflect.ValueOf(*english).FieldByIndex(field.Index).String()
				}
			}
			var named []string
			for reason, text := range catalog.Reasons {
				named = append(named, reason)
				texts[reason], inEnglish[reason] = text, english.Reasons[reason]
			}
			slices.Sort(named)
			if !slices.Equal(named, reasons) {
				t.Errorf("there are texts for the reasons %q, want %q", named, reasons)
			}
			for key, text := range texts {
				if strings.TrimSpace(text) != text || text == "" {
					t.Errorf("the text %s is %q", key, text)
				}
				for _, placeholder := range []string{"{wait}", "{number}"} {
					if strings.Count(text, placeholder) != strings.Count(inEnglish[key], placeholder) {
						t.Errorf("the text %s is %q, but in English %q: the placeholder %s differs", key, text, inEnglish[key], placeholder)
					}
				}
				// French has the same word for minutes.
				if tag != "en" && !strings.HasPrefix(key, "Minute") && text == inEnglish[key] {
					t.Errorf("the text %s is in English", key)
				}
			}
		})
	}
}

func TestTimesAreInWordsAndRoundedUp(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		language string
		wait     time.Duration
		want     string
	}{
		"none is one second":           {"en", 0, "1 second"},
		"less than a second":           {"en", time.Millisecond, "1 second"},
		"a second and a bit":           {"en", time.Second + 1, "2 seconds"},
		"seconds below two minutes":    {"en", 119 * time.Second, "119 seconds"},
		"minutes from two on":          {"en", 2 * time.Minute, "2 minutes"},
		"minutes are rounded up":       {"fr", 2*time.Minute + 1, "3 minutes"},
		"the longest lock":             {"id", 15 * time.Minute, "15 menit"},
		"French has a singular":        {"fr", time.Second, "1 seconde"},
		"Chinese has no plural":        {"zh-CN", 30 * time.Second, "30 秒"},
		"a time in the past":           {"en", -time.Hour, "1 second"},
		"Indonesian has no plural too": {"id", 2 * time.Second, "2 detik"},
	}
	for name, test := range tests {
		if got := gate.Wait(test.language, test.wait); got != test.want {
			t.Errorf("%s: %v is %q, want %q", name, test.wait, got, test.want)
		}
	}
}

func TestTheLanguageIsTheNearestToTheBrowsersPreferences(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ accepted, locale, want string }{
		"no preference":                      {"", "fr", "fr"},
		"only others":                        {"de, ja;q=0.5", "id", "id"},
		"the first supported one":            {"de, fr-CA;q=0.8, en;q=0.5", "en", "fr"},
		"Chinese of another country":         {"zh-SG", "en", "zh-CN"},
		"Chinese without a country":          {"zh", "en", "zh-CN"},
		"Indonesian by its old name":         {"in", "en", "id"},
		"anything":                           {"*", "fr", "fr"},
		"a malformed header":                 {"\x00;;q=", "fr", "fr"},
		"a contact center without a default": {"", "", "en"},
		"an unsupported default":             {"", "xx", "en"},
		"a header that is too long":          {strings.Repeat("fr,", 400), "id", "id"},
	}
	for name, test := range tests {
		r := newRequest("/login/support", func(r *http.Request) { r.Header.Set("Accept-Language", test.accepted) })
		if got := gate.LanguageFor(r, test.locale); got != test.want {
			t.Errorf("%s: %q with %q gives %q, want %q", name, test.accepted, test.locale, got, test.want)
		}
	}
}
