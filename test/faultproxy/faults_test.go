package faultproxy

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
)

// answers are what faults answer with, and how clients see it.
var answers = map[int]func(error) bool{
	http.StatusConflict:            apierrors.IsAlreadyExists,
	http.StatusTooManyRequests:     apierrors.IsTooManyRequests,
	http.StatusInternalServerError: apierrors.IsInternalError,
	http.StatusServiceUnavailable:  apierrors.IsServiceUnavailable,
}

// creating is a Match.
func creating(r Request) bool { return r.Verb == "create" }

// exists reports whether a ConfigMap is there.
func (f *fixture) exists(name string) bool {
	f.Helper()
	_, err := f.past.Get(f.Context(), name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		f.Fatal(err)
	}
	return err == nil
}

// createOnce creates a ConfigMap through the proxy, and does not try again when the
// answer is 429.
func (f *fixture) createOnce(name string) error {
	f.Helper()
	client, err := kubernetes.NewForConfig(f.proxy.Config(f.account))
	if err != nil {
		f.Fatal(err)
	}
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	return client.CoreV1().RESTClient().Post().MaxRetries(0).Namespace(metav1.NamespaceDefault).Resource("configmaps").
		Body(object).Do(f.Context()).Error()
}

func failsBefore(f *fixture) { failsCreating(f, false) }

func failsAfter(f *fixture) { failsCreating(f, true) }

func failsCreating(f *fixture, after bool) {
	for code, is := range answers {
		name := fmt.Sprintf("answered-%d-%t", code, after)
		f.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Code: code, After: after}}})
		err := f.createOnce(name)
		if !is(err) {
			f.Errorf("with %d, creating returned %v", code, err)
		}
		var status apierrors.APIStatus
		if code == http.StatusTooManyRequests && errors.As(err, &status) && status.Status().Details.RetryAfterSeconds != 1 {
			f.Errorf("429 has %+v", status.Status().Details)
		}
		if f.exists(name) != after {
			f.Errorf("with %d, it exists: %t, want %t", code, !after, after)
		}
		if _, err := f.through.List(f.Context(), metav1.ListOptions{}); err != nil {
			f.Errorf("listing returned %v", err)
		}
		if f.proxy.Counts().Answered[code] == 0 {
			f.Errorf("%d is not counted", code)
		}
	}
	name := fmt.Sprintf("cut-%t", after)
	f.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Cut: true, After: after}}})
	err := f.createOnce(name)
	if status := apierrors.APIStatus(nil); err == nil || errors.As(err, &status) {
		f.Errorf("the cut connection returned %v", err)
	}
	if f.exists(name) != after {
		f.Errorf("with a cut, it exists: %t, want %t", !after, after)
	}
	if f.proxy.Counts().Cut == 0 {
		f.Error("the cut is not counted")
	}
	f.proxy.SetFaults(Faults{})
	if _, err := f.create(f.through, fmt.Sprintf("in-the-end-%t", after)); err != nil {
		f.Errorf("without faults: %v", err)
	}
}

func delays(f *fixture) {
	for after, name := range map[bool]string{false: "late", true: "answered-late"} {
		delayed := f.proxy.Counts().Delayed
		f.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Delay: time.Hour, After: after}}})
		ctx, cancel := context.WithCancel(f.Context())
		done := make(chan error, 1)
		go func() {
			_, err := f.through.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
			done <- err
		}()
		f.eventually("it has come", func() bool { return f.proxy.Counts().Delayed > delayed })
		if after {
			f.eventually("it is done", func() bool { return f.exists(name) })
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			f.Errorf("it returned %v", err)
		}
		if f.exists(name) != after {
			f.Errorf("with a delay, it exists: %t, want %t", !after, after)
		}
	}
	f.proxy.SetFaults(Faults{Requests: []Fault{{Share: 1, Delay: time.Millisecond}}})
	if _, err := f.create(f.through, "hardly-late"); err != nil {
		f.Error(err)
	}
}

func cutsWatches(f *fixture) {
	kept, cut := f.watch("kept"), f.watch("cut")
	f.eventually("both are open", func() bool { open, _ := f.proxy.Watches(nil); return open == 2 })
	if n := f.proxy.CutWatches(func(r Request) bool { return r.Resource == "secrets" }); n != 0 {
		f.Errorf("%d were cut", n)
	}
	kept.Stop()
	f.eventually("one is left", func() bool { open, _ := f.proxy.Watches(nil); return open == 1 })
	if n := f.proxy.CutWatches(nil); n != 1 {
		f.Errorf("%d were cut", n)
	}
	if event, ok := f.next(cut); ok {
		f.Errorf("the watch brought %v", event)
	}
	f.eventually("none is left", func() bool { open, _ := f.proxy.Watches(nil); return open == 0 })
	if counts := f.proxy.Counts(); counts.WatchesCut != 1 {
		f.Errorf("it counted %+v", counts)
	}
}

func limitsWatches(f *fixture) {
	before := f.watch("before")
	f.proxy.SetFaults(Faults{WatchLife: 100 * time.Millisecond})
	for name, w := range map[string]watch.Interface{"before": before, "after": f.watch("after")} {
		if event, ok := f.next(w); ok {
			f.Errorf("%s: the watch brought %v", name, event)
		}
	}
	f.proxy.SetFaults(Faults{})
	w := f.watch("lasting")
	if _, err := f.create(f.past, "lasting"); err != nil {
		f.Fatal(err)
	}
	if event, ok := f.next(w); !ok || event.Type != watch.Added {
		f.Errorf("the watch brought %v", event)
	}
	if counts := f.proxy.Counts(); counts.WatchesCut != 2 {
		f.Errorf("it counted %+v", counts)
	}
}

func silences(f *fixture) {
	w := f.watch("silent")
	f.eventually("it is open", func() bool { open, _ := f.proxy.Watches(nil); return open == 1 })
	f.proxy.SetFaults(Faults{Silence: func(r Request) bool { return r.Resource == "configmaps" }})
	if _, err := f.create(f.past, "silent"); err != nil {
		f.Fatal(err)
	}
	f.eventually("the API server has told of it", func() bool { return f.proxy.Counts().Withheld > 0 })
	fresh := f.watch("silent")
	if event, ok := f.next(fresh); !ok || event.Type != watch.Added {
		f.Errorf("the new watch brought %v", event)
	}
	f.proxy.SetFaults(Faults{})
	select {
	case event, ok := <-w.ResultChan():
		f.Errorf("the silent watch brought %v, %t", event, ok)
	default:
	}
	if open, silent := f.proxy.Watches(nil); open != 2 || silent != 1 {
		f.Errorf("%d are open, %d silent, want 2 and 1", open, silent)
	}
	w.Stop()
	f.eventually("the client has given it up", func() bool { _, silent := f.proxy.Watches(nil); return silent == 0 })
}

func silencesNew(f *fixture) {
	f.proxy.SetFaults(Faults{Silence: func(Request) bool { return true }, SilenceNew: true})
	if _, err := f.create(f.past, "unheard"); err != nil {
		f.Fatal(err)
	}
	w := f.watch("unheard")
	f.eventually("the API server has told of it", func() bool { return f.proxy.Counts().Withheld > 0 })
	select {
	case event, ok := <-w.ResultChan():
		f.Errorf("the silent watch brought %v, %t", event, ok)
	default:
	}
	if n := f.proxy.CutWatches(nil); n != 1 {
		f.Errorf("%d were cut", n)
	}
	if event, ok := f.next(w); ok {
		f.Errorf("the watch brought %v", event)
	}
}

func strikesAShare(f *fixture) {
	const count, share = 200, 0.3
	f.proxy.SetFaults(Faults{Requests: []Fault{
		{Match: func(r Request) bool { return r.Verb == "get" }, Share: share, Code: http.StatusInternalServerError},
		{Match: func(r Request) bool { return r.Verb == "list" }, Share: 0, Cut: true},
	}})
	struck := 0
	for range count {
		if _, err := f.through.List(f.Context(), metav1.ListOptions{}); err != nil {
			f.Fatal(err)
		}
		if _, err := f.through.Get(f.Context(), "absent", metav1.GetOptions{}); apierrors.IsInternalError(err) {
			struck++
		}
	}
	// Five standard deviations.
	if off := math.Abs(float64(struck) - share*count); off > 5*math.Sqrt(count*share*(1-share)) {
		f.Errorf("%d of %d were struck", struck, count)
	}
	if counts := f.proxy.Counts(); counts.Answered[http.StatusInternalServerError] != struck || counts.Cut != 0 {
		f.Errorf("it counted %+v, and %d were struck", counts, struck)
	}
}
