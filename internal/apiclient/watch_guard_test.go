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

func TestASilentWatchEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		query   string
		headers bool // whether the server answers
		events  int  // how many events it sends, at intervals of at most half the silence
		silence time.Duration
		want    error // the error that ends the watch
	}{
		"no event":                      {"watch=true", true, 0, 50 * time.Millisecond, errSilentWatch},
		"no answer":                     {"watch=true", false, 0, 50 * time.Millisecond, errSilentWatch},
		"watch=1 of older clients":      {"watch=1", true, 0, 50 * time.Millisecond, errSilentWatch},
		"silence after some events":     {"watch=true", true, 5, 200 * time.Millisecond, errSilentWatch},
		"the server ends it earlier":    {"watch=true&end=true", true, 3, time.Minute, nil},
		"another request may take long": {"limit=500&end=true", true, 3, time.Millisecond, nil},
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
				t.Errorf("the watch ended with %v, want %v", err, test.want)
			}
			if got := len(text) / len("{}\n"); got != test.events {
				t.Errorf("received %d events, want %d", got, test.events)
			}
		})
	}
}

// read returns the body at a URL.
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
