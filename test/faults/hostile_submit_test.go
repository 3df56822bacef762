//go:build faults

package faults

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/controlplane"
)

// answered is what the API server said to a manifest.
type answered struct {
	hostile
	code    int
	message string
	// stored is the object's name, if it was accepted.
	stored string
}

// submitAll gives manifests to the API server, several at a time.
func (env *environment) submitAll(cases []hostile) []answered {
	env.Helper()
	transport, err := rest.HTTPClientFor(env.Cluster.Config)
	if err != nil {
		env.Fatal(err)
	}
	answers := make([]answered, len(cases))
	failures := make(chan error)
	const workers = 8
	for worker := range workers {
		go func() {
			var err error
			for i := worker; i < len(cases) && err == nil; i += workers {
				answers[i], err = env.submit(transport, cases[i])
			}
			failures <- err
		}()
	}
	for range workers {
		if err := <-failures; err != nil {
			env.Error(err)
		}
	}
	return answers
}

// submit gives one manifest to the API server, and again if a busy API server gave
// no answer in time.
func (env *environment) submit(transport *http.Client, h hostile) (answer answered, err error) {
	const tries = 3
	for range tries {
		if answer, err = env.submitOnce(transport, h); err != nil || answer.code != http.StatusGatewayTimeout {
			break
		}
	}
	return answer, err
}

// submitOnce gives one manifest to the API server as kubectl does, which does not look
// at it first.
func (env *environment) submitOnce(transport *http.Client, h hostile) (answered, error) {
	method, contentType := http.MethodPost, "application/json"
	url := strings.TrimSuffix(env.Cluster.Config.Host, "/") + "/apis/rollcall.dev/v1alpha1/namespaces/" + env.Namespace + "/" + h.resource
	query := "?fieldValidation=Strict&fieldManager=" + controlplane.FieldManager
	if h.apply {
		method, contentType = http.MethodPatch, "application/apply-patch+yaml"
		url += "/" + h.name
	}
	request, err := http.NewRequestWithContext(env.Context(), method, url+query, strings.NewReader(h.manifest))
	if err != nil {
		return answered{}, fmt.Errorf("%s: %w", h.about, err)
	}
	request.Header.Set("Content-Type", contentType)
	return ask(transport, request, h)
}

// ask sends a request about a manifest, and reads the answer.
func ask(transport *http.Client, request *http.Request, h hostile) (answered, error) {
	response, err := transport.Do(request)
	if err != nil {
		return answered{}, fmt.Errorf("%s: %w", h.about, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answered{}, fmt.Errorf("%s: %w", h.about, err)
	}
	var said struct {
		Message  string            `json:"message"`
		Metadata metav1.ObjectMeta `json:"metadata"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return answered{}, fmt.Errorf("%s: the answer is no JSON: %w", h.about, err)
	}
	result := answered{hostile: h, code: response.StatusCode, message: said.Message}
	if response.StatusCode < 300 {
		result.stored = said.Metadata.Name
	}
	return result, nil
}

// names is what a refusal has to name: a field, or what is wrong with the whole.
var names = regexp.MustCompile(`API version|spec|metadata|labels|annotations|name|kind|apiVersion|apply|JSON|json|yaml|object|field|invalid character|too large|[Uu]nexpected|Syntax error|namespace|resourceVersion`)

// ofKubernetes are the refusals that the API server, whatever the kind, calls its own
// fault: of an apply, what does not fit the types.
var ofKubernetes = regexp.MustCompile(`^(failed to create typed patch object|resourceVersion should not be set on objects to be created)`)

// checkAnswer checks what the API server said to one manifest.
func (env *environment) checkAnswer(a answered) {
	env.Helper()
	switch {
	case a.code >= 300 && a.want == accepted, a.code < 300 && a.want == rejected:
		env.Errorf("%s (apply %t): %d %.300q, wanted it %s", a.about, a.apply, a.code, a.message, a.want)
	case a.code >= 500 && !ofKubernetes.MatchString(a.message):
		env.Errorf("%s (apply %t): %d %.300q", a.about, a.apply, a.code, a.message)
	case a.code >= 300 && !names.MatchString(a.message):
		env.Errorf("%s (apply %t): %d %.300q does not say what is wrong", a.about, a.apply, a.code, a.message)
	case strings.Contains(a.message, "goroutine ") || strings.Contains(a.message, ".go:"):
		env.Errorf("%s (apply %t): %d %.300q is for programmers", a.about, a.apply, a.code, a.message)
	}
}
