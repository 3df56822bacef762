package apiclient

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"k8s.io/client-go/rest"
)

func TestAWatchIsGivenUpWhenItIsSilentForTooLong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query   string
		headers bool // whether the server answers at all
		events  int  // that it sends, one every half of the silence
		silence time.Duration
		want    error // that ends it
	}{
		"nothing ever comes":             {"watch=true", true, 0, 50 * time.Millisecond, errSilentWatch},
		"not even an answer":             {"watch=true", false, 0, 50 * time.Millisecond, errSilentWatch},
		"as older clients say it":        {"watch=1", true, 0, 50 * time.Millisecond, errSilentWatch},
		"it falls silent":                {"watch=true", true, 5, 200 * time.Millisecond, errSilentWatch},
		"the server ends it before":      {"watch=true&end=true", true, 3, time.Minute, nil},
		"what is no watch may take long": {"limit=500&end=true", true, 3, time.Millisecond, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if test.headers {
					w.WriteHeader(http.StatusOK)
				}
				pulse := time.NewTicker(min(test.silence/2, 20*time.Millisecond) + time.Microsecond)
				defer pulse.Stop()
				for range test.events {
					<-pulse.C
					io.WriteString(w, "{}\n")
					http.NewResponseController(w).Flush()
				}
				if r.URL.Query().Get("end") == "" {
					<-r.Context().Done()
				}
			}))
			t.Cleanup(server.Close)
			config := &rest.Config{Host: server.URL}
			GuardWatches(config, test.silence)
			client, err := rest.HTTPClientFor(config)
			if err != nil {
				t.Fatal(err)
			}
			text, err := read(t, client, server.URL+"?"+test.query)
			if !errors.Is(err, test.want) || (err != nil) != (test.want != nil) {
				t.Errorf("it ended with %v, not %v", err, test.want)
			}
			if got := len(text) / len("{}\n"); got != test.events {
				t.Errorf("%d events came, not %d", got, test.events)
			}
		})
	}
}

// read reads all that a URL has.
func read(t *testing.T, client *http.Client, url string) (string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}
