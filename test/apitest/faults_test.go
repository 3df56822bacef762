package apitest

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
func (s *stage) exists(name string) bool {
	s.Helper()
	_, err := s.past.Get(s.Context(), name, metav1.GetOptions{})
	if err != nil && !apierrors.IsNotFound(err) {
		s.Fatal(err)
	}
	return err == nil
}

// createOnce creates a ConfigMap through the proxy, and does not try again when the
// answer is 429.
func (s *stage) createOnce(name string) error {
	s.Helper()
	client, err := kubernetes.NewForConfig(s.proxy.Config(s.account))
	if err != nil {
		s.Fatal(err)
	}
	object := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}
	return client.CoreV1().RESTClient().Post().MaxRetries(0).Namespace(metav1.NamespaceDefault).Resource("configmaps").
		Body(object).Do(s.Context()).Error()
}

func failsBefore(s *stage) { failsCreating(s, false) }

func failsAfter(s *stage) { failsCreating(s, true) }

func failsCreating(s *stage, after bool) {
	for code, is := range answers {
		name := fmt.Sprintf("answered-%d-%t", code, after)
		s.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Code: code, After: after}}})
		err := s.createOnce(name)
		if !is(err) {
			s.Errorf("with %d, creating returned %v", code, err)
		}
		var status apierrors.APIStatus
		if code == http.StatusTooManyRequests && errors.As(err, &status) && status.Status().Details.RetryAfterSeconds != 1 {
			s.Errorf("429 has %+v", status.Status().Details)
		}
		if s.exists(name) != after {
			s.Errorf("with %d, it exists: %t, want %t", code, !after, after)
		}
		if _, err := s.through.List(s.Context(), metav1.ListOptions{}); err != nil {
			s.Errorf("listing returned %v", err)
		}
		if s.proxy.Counts().Answered[code] == 0 {
			s.Errorf("%d is not counted", code)
		}
	}
	name := fmt.Sprintf("cut-%t", after)
	s.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Cut: true, After: after}}})
	err := s.createOnce(name)
	if status := apierrors.APIStatus(nil); err == nil || errors.As(err, &status) {
		s.Errorf("the cut connection returned %v", err)
	}
	if s.exists(name) != after {
		s.Errorf("with a cut, it exists: %t, want %t", !after, after)
	}
	if s.proxy.Counts().Cut == 0 {
		s.Error("the cut is not counted")
	}
	s.proxy.SetFaults(Faults{})
	if _, err := s.create(s.through, fmt.Sprintf("in-the-end-%t", after)); err != nil {
		s.Errorf("without faults: %v", err)
	}
}

func delays(s *stage) {
	for after, name := range map[bool]string{false: "late", true: "answered-late"} {
		delayed := s.proxy.Counts().Delayed
		s.proxy.SetFaults(Faults{Requests: []Fault{{Match: creating, Share: 1, Delay: time.Hour, After: after}}})
		ctx, cancel := context.WithCancel(s.Context())
		done := make(chan error, 1)
		go func() {
			_, err := s.through.Create(ctx, &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{})
			done <- err
		}()
		s.eventually("it has come", func() bool { return s.proxy.Counts().Delayed > delayed })
		if after {
			s.eventually("it is done", func() bool { return s.exists(name) })
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			s.Errorf("it returned %v", err)
		}
		if s.exists(name) != after {
			s.Errorf("with a delay, it exists: %t, want %t", !after, after)
		}
	}
	s.proxy.SetFaults(Faults{Requests: []Fault{{Share: 1, Delay: time.Millisecond}}})
	if _, err := s.create(s.through, "hardly-late"); err != nil {
		s.Error(err)
	}
}

func cutsWatches(s *stage) {
	kept, cut := s.watch("kept"), s.watch("cut")
	s.eventually("both are open", func() bool { open, _ := s.proxy.Watches(nil); return open == 2 })
	if n := s.proxy.CutWatches(func(r Request) bool { return r.Resource == "secrets" }); n != 0 {
		s.Errorf("%d were cut", n)
	}
	kept.Stop()
	s.eventually("one is left", func() bool { open, _ := s.proxy.Watches(nil); return open == 1 })
	if n := s.proxy.CutWatches(nil); n != 1 {
		s.Errorf("%d were cut", n)
	}
	if event, ok := s.next(cut); ok {
		s.Errorf("the watch brought %v", event)
	}
	s.eventually("none is left", func() bool { open, _ := s.proxy.Watches(nil); return open == 0 })
	if counts := s.proxy.Counts(); counts.WatchesCut != 1 {
		s.Errorf("it counted %+v", counts)
	}
}

func limitsWatches(s *stage) {
	before := s.watch("before")
	s.proxy.SetFaults(Faults{WatchLife: 100 * time.Millisecond})
	for name, w := range map[string]watch.Interface{"before": before, "after": s.watch("after")} {
		if event, ok := s.next(w); ok {
			s.Errorf("%s: the watch brought %v", name, event)
		}
	}
	s.proxy.SetFaults(Faults{})
	w := s.watch("lasting")
	if _, err := s.create(s.past, "lasting"); err != nil {
		s.Fatal(err)
	}
	if event, ok := s.next(w); !ok || event.Type != watch.Added {
		s.Errorf("the watch brought %v", event)
	}
	if counts := s.proxy.Counts(); counts.WatchesCut != 2 {
		s.Errorf("it counted %+v", counts)
	}
}

func silences(s *stage) {
	w := s.watch("silent")
	s.eventually("it is open", func() bool { open, _ := s.proxy.Watches(nil); return open == 1 })
	s.proxy.SetFaults(Faults{Silence: func(r Request) bool { return r.Resource == "configmaps" }})
	if _, err := s.create(s.past, "silent"); err != nil {
		s.Fatal(err)
	}
	s.eventually("the API server has told of it", func() bool { return s.proxy.Counts().Withheld > 0 })
	fresh := s.watch("silent")
	if event, ok := s.next(fresh); !ok || event.Type != watch.Added {
		s.Errorf("the new watch brought %v", event)
	}
	s.proxy.SetFaults(Faults{})
	select {
	case event, ok := <-w.ResultChan():
		s.Errorf("the silent watch brought %v, %t", event, ok)
	default:
	}
	if open, silent := s.proxy.Watches(nil); open != 2 || silent != 1 {
		s.Errorf("%d are open, %d silent, want 2 and 1", open, silent)
	}
	w.Stop()
	s.eventually("the client has given it up", func() bool { _, silent := s.proxy.Watches(nil); return silent == 0 })
}

func silencesNew(s *stage) {
	s.proxy.SetFaults(Faults{Silence: func(Request) bool { return true }, SilenceNew: true})
	if _, err := s.create(s.past, "unheard"); err != nil {
		s.Fatal(err)
	}
	w := s.watch("unheard")
	s.eventually("the API server has told of it", func() bool { return s.proxy.Counts().Withheld > 0 })
	select {
	case event, ok := <-w.ResultChan():
		s.Errorf("the silent watch brought %v, %t", event, ok)
	default:
	}
	if n := s.proxy.CutWatches(nil); n != 1 {
		s.Errorf("%d were cut", n)
	}
	if event, ok := s.next(w); ok {
		s.Errorf("the watch brought %v", event)
	}
}

func strikesAShare(s *stage) {
	const count, share = 200, 0.3
	s.proxy.SetFaults(Faults{Requests: []Fault{
		{Match: func(r Request) bool { return r.Verb == "get" }, Share: share, Code: http.StatusInternalServerError},
		{Match: func(r Request) bool { return r.Verb == "list" }, Share: 0, Cut: true},
	}})
	struck := 0
	for range count {
		if _, err := s.through.List(s.Context(), metav1.ListOptions{}); err != nil {
			s.Fatal(err)
		}
		if _, err := s.through.Get(s.Context(), "absent", metav1.GetOptions{}); apierrors.IsInternalError(err) {
			struck++
		}
	}
	// Five standard deviations.
	if off := math.Abs(float64(struck) - share*count); off > 5*math.Sqrt(count*share*(1-share)) {
		s.Errorf("%d of %d were struck", struck, count)
	}
	if counts := s.proxy.Counts(); counts.Answered[http.StatusInternalServerError] != struck || counts.Cut != 0 {
		s.Errorf("it counted %+v, and %d were struck", counts, struck)
	}
}
