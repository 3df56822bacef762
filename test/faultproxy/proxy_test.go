package faultproxy

import (
	"context"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/controlplane"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// A control plane takes seconds to start, so one serves every test of it. Each has a
// proxy of its own.
func TestAProxyInFrontOfAnAPIServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	plane, err := controlplane.Start(t.Context(), controlplane.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	account := editor(t, plane)
	for name, test := range map[string]func(*fixture){
		"passes on what is asked and answered, as whoever asks":  passesOn,
		"fails a request before the API server sees it":          failsBefore,
		"fails a request that the API server has done":           failsAfter,
		"delays requests, or their answers":                      delays,
		"cuts watches when told to":                              cutsWatches,
		"cuts watches after a while":                             limitsWatches,
		"keeps a silent watch open, and quiet":                   silences,
		"has watches begin in silence":                           silencesNew,
		"strikes the share that it is told to, where it is told": strikesAShare,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(newFixture(t, account))
		})
	}
}

// fixture is a proxy, and ConfigMaps of a namespace through it and past it.
type fixture struct {
	*testing.T
	account       *rest.Config
	proxy         *Proxy
	through, past corev1client.ConfigMapInterface
}

func newFixture(t *testing.T, account *rest.Config) *fixture {
	t.Helper()
	proxy, err := Start(Options{Upstream: account})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := proxy.Close(); err != nil {
			t.Error(err)
		}
	})
	return &fixture{T: t, account: account, proxy: proxy, through: configMaps(t, proxy.Config(account)), past: configMaps(t, account)}
}

func configMaps(t *testing.T, config *rest.Config) corev1client.ConfigMapInterface {
	t.Helper()
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return client.CoreV1().ConfigMaps(metav1.NamespaceDefault)
}

// editor is the config of a service account that may do everything with ConfigMaps.
func editor(t *testing.T, plane *controlplane.ControlPlane) *rest.Config {
	t.Helper()
	for _, arguments := range [][]string{
		{"create", "serviceaccount", "editor"},
		{"create", "role", "editor", "--verb=*", "--resource=configmaps"},
		{"create", "rolebinding", "editor", "--role=editor", "--serviceaccount=default:editor"},
	} {
		if _, err := plane.Kubectl(t.Context(), "", arguments...); err != nil {
			t.Fatal(err)
		}
	}
	config, err := plane.ServiceAccountConfig(t.Context(), metav1.NamespaceDefault, "editor")
	if err != nil {
		t.Fatal(err)
	}
	objects := configMaps(t, config)
	err = wait.PollUntilContextTimeout(t.Context(), 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		_, err := objects.List(ctx, metav1.ListOptions{})
		if apierrors.IsForbidden(err) {
			return false, nil // the API server learns of bindings by and by
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// create creates a ConfigMap.
func (f *fixture) create(objects corev1client.ConfigMapInterface, name string) (*corev1.ConfigMap, error) {
	return objects.Create(f.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
}

// watch watches ConfigMaps of a name through the proxy.
func (f *fixture) watch(name string) watch.Interface {
	f.Helper()
	w, err := f.through.Watch(f.Context(), metav1.ListOptions{FieldSelector: "metadata.name=" + name})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(w.Stop)
	return w
}

// next returns what a watch brings next; false: its end.
func (f *fixture) next(w watch.Interface) (watch.Event, bool) {
	f.Helper()
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	defer cancel()
	select {
	case event, ok := <-w.ResultChan():
		return event, ok
	case <-ctx.Done():
		f.Fatal("the watch brings nothing, and does not end")
		return watch.Event{}, false
	}
}

// eventually waits for a state of the environment.
func (f *fixture) eventually(what string, reached func() bool) {
	f.Helper()
	err := wait.PollUntilContextTimeout(f.Context(), 10*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		return reached(), nil
	})
	if err != nil {
		f.Fatalf("%s: not within %s", what, patience)
	}
}

func passesOn(f *fixture) {
	created, err := f.create(f.through, "passed-on")
	if err != nil {
		f.Fatal(err)
	}
	w := f.watch("passed-on")
	if event, ok := f.next(w); !ok || event.Type != watch.Added {
		f.Fatalf("the watch brought %v", event)
	}
	created.Data = map[string]string{"a": "b"}
	if _, err := f.past.Update(f.Context(), created, metav1.UpdateOptions{}); err != nil {
		f.Fatal(err)
	}
	if event, ok := f.next(w); !ok || event.Type != watch.Modified {
		f.Errorf("the watch brought %v", event)
	}
	_, err = f.create(f.through, "passed-on")
	if !apierrors.IsAlreadyExists(err) {
		f.Errorf("creating it again returned %v", err)
	}
	stranger := rest.AnonymousClientConfig(f.account)
	if _, err := configMaps(f.T, f.proxy.Config(stranger)).List(f.Context(), metav1.ListOptions{}); !apierrors.IsForbidden(err) && !apierrors.IsUnauthorized(err) {
		f.Errorf("a stranger got %v", err)
	}
	if counts := f.proxy.Counts(); counts.Requests < 4 || len(counts.Answered) != 0 || counts.Cut != 0 {
		f.Errorf("it counted %+v", counts)
	}
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	opened := atomic.Int32{}
	upstream := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		opened.Add(1)
		fmt.Fprintln(w, "{}")
		http.NewResponseController(w).Flush()
		<-r.Context().Done()
		opened.Add(-1)
	}))
	t.Cleanup(upstream.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: upstream.Certificate().Raw})
	config := &rest.Config{Host: upstream.URL, TLSClientConfig: rest.TLSClientConfig{CAData: ca}}
	f := &fixture{T: t}
	var err error
	if f.proxy, err = Start(Options{Upstream: config}); err != nil {
		t.Fatal(err)
	}
	f.proxy.SetFaults(Faults{Silence: func(r Request) bool { return r.Name == "" }, SilenceNew: true})
	client, err := rest.HTTPClientFor(f.proxy.Config(config))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/pods?watch=true", "/api/v1/namespaces/desk/pods?watch=true"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.proxy.server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
	}
	if open, silent := f.proxy.Watches(nil); open != 2 || silent != 2 {
		t.Errorf("%d watches are open, %d silent, want 2", open, silent)
	}
	if err := f.proxy.Close(); err != nil {
		t.Fatal(err)
	}
	if open, _ := f.proxy.Watches(nil); open != 0 {
		t.Errorf("%d watches are open", open)
	}
	f.eventually("the API server is left alone", func() bool { return opened.Load() == 0 })
	if err := f.proxy.Close(); err != nil {
		t.Error(err)
	}
}
