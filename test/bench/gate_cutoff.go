package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"rollcall.dev/rollcall/test/controlplane"
)

const (
	// cutOffLoad is how many requests a second there are about others, and victimLoad
	// about the member who is cut off.
	cutOffLoad, victimLoad = 5000, 1000
	// victimConnections is how many of the victim's requests can be on their way.
	victimConnections = 8
	// enough is how many answers of a kind in a row, while that load lasts, say that
	// it stays so.
	enough = 100
	// cutOffPatience is how long one cut-off may take.
	cutOffPatience = 30 * time.Second
)

// cutOffs is how long members were let in that had been forced offline, in
// milliseconds; 0 if not at all.
type cutOffs struct {
	// Load and VictimLoad are requests a second meanwhile.
	Load       int `json:"requestsPerSecond"`
	VictimLoad int `json:"victimRequestsPerSecond"`
	// Answered is from when kubectl patch returned to when the last request that was
	// let in was answered; Sent to when that request was sent.
	Answered distribution `json:"fromKubectlReturningToLastAnswer"`
	Sent     distribution `json:"fromKubectlReturningToLastRequest"`
	// Patched is from when kubectl had the API server's answer, and so said it.
	Patched distribution `json:"fromPatchAnsweredToLastAnswer"`
	// Kubectl is how long kubectl patch ran.
	Kubectl distribution `json:"kubectlPatch"`
	// Latency is of the load about others.
	Latency distribution `json:"latencyOfOthers"`
}

// measureCutOffs forces members offline under load.
func (w *gateBench) measureCutOffs(ctx context.Context, g *gateProcess) (_ cutOffs, err error) {
	w.say("cutting off %d members, under %d requests a second about others", w.cutoffs, cutOffLoad)
	others, err := dial(ctx, w.now, g.address, g.secure, 4*saturating)
	if err != nil {
		return cutOffs{}, err
	}
	defer others.close()
	count := len(w.asked) - w.cutoffs
	requests := make([][]byte, count)
	for i := range requests {
		requests[i] = w.cookieRequest(i)
	}
	seen := &latencies{}
	load, stop := context.WithCancelCause(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		_, err := others.pace(load, requests, cutOffLoad, seen.observe)
		stop(err)
	})
	measured, err := w.cutOffAll(load, g, count)
	stop(nil)
	running.Wait()
	if cause := context.Cause(load); err != nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = errors.Join(err, cause)
	}
	measured.Latency = distributionOf(seen.all)
	return measured, errors.Join(err, seen.wrong)
}

// cutOffAll forces the last of the members offline, one after the other.
func (w *gateBench) cutOffAll(ctx context.Context, g *gateProcess, first int) (cutOffs, error) {
	hammer, err := dial(ctx, w.now, g.address, g.secure, victimConnections)
	if err != nil {
		return cutOffs{}, err
	}
	defer hammer.close()
	var answered, sent, patched, kubectl []time.Duration
	for i := first; i < len(w.asked); i++ {
		one, err := w.cutOff(ctx, hammer, i)
		if err != nil {
			return cutOffs{}, fmt.Errorf("cutting off %s: %w", w.asked[i].name, err)
		}
		answered = append(answered, max(0, one.last.answered.Sub(one.returned)))
		sent = append(sent, max(0, one.last.sent.Sub(one.returned)))
		patched = append(patched, max(0, one.last.answered.Sub(one.said)))
		kubectl = append(kubectl, one.returned.Sub(one.started))
		if done := i - first + 1; done%50 == 0 {
			w.say("%d cut-offs", done)
		}
	}
	return cutOffs{
		Load: cutOffLoad, VictimLoad: victimLoad,
		Answered: distributionOf(answered), Sent: distributionOf(sent),
		Patched: distributionOf(patched), Kubectl: distributionOf(kubectl),
	}, nil
}

// cutOff is one cut-off.
type cutOff struct {
	// started and returned are of kubectl, and said is when it first said something.
	started, said, returned time.Time
	// last is the last request that was let in.
	last sample
}

// cutOff forces a member offline while requests about them come.
func (w *gateBench) cutOff(ctx context.Context, hammer *loader, i int) (one cutOff, err error) {
	ctx, cancel := context.WithTimeout(ctx, cutOffPatience)
	defer cancel()
	v := &victim{allowed: make(chan struct{}), denied: make(chan struct{})}
	pacing, stop := context.WithCancel(ctx)
	paced := make(chan error, 1)
	go func() {
		_, err := hammer.pace(pacing, [][]byte{w.cookieRequest(i)}, victimLoad, v.observe)
		paced <- err
	}()
	one, err = w.forceOffline(ctx, v, w.asked[i].name)
	stop()
	err = errors.Join(err, <-paced)
	one.last = v.last
	return one, errors.Join(err, v.wrong)
}

// forceOffline runs kubectl patch once the victim is let in, and returns when the
// victim no longer is.
func (w *gateBench) forceOffline(ctx context.Context, v *victim, name string) (one cutOff, err error) {
	if err := await(ctx, v.allowed); err != nil {
		return one, fmt.Errorf("before kubectl patch, waiting to be let in: %w", err)
	}
	output := &firstWrite{now: w.now}
	kubectl := w.cluster.KubectlCommand(ctx, "-n", deskNamespace, "patch", "member", name, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", `{"spec":{"forceOffline":true}}`)
	kubectl.Stdout, kubectl.Stderr = output, output
	one.started = w.now()
	if err := kubectl.Run(); err != nil {
		return one, fmt.Errorf("kubectl patch: %w: %s", err, output.text)
	}
	one.returned, one.said = w.now(), output.at
	v.expectDenial()
	if err := await(ctx, v.denied); err != nil {
		return one, fmt.Errorf("after kubectl patch, waiting to be refused: %w", err)
	}
	return one, nil
}

// await waits for a channel to be closed.
func await(ctx context.Context, happened <-chan struct{}) error {
	select {
	case <-happened:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// firstWrite remembers what is written, and when that began.
type firstWrite struct {
	now  func() time.Time
	at   time.Time
	text []byte
}

// Write implements io.Writer.
func (f *firstWrite) Write(p []byte) (int, error) {
	if f.text == nil {
		f.at = f.now()
	}
	f.text = append(f.text, p...)
	return len(p), nil
}

// victim is what the gate answers about the member who is cut off.
type victim struct {
	// allowed is closed when the victim has been let in for a while, and denied when
	// the victim has been refused for a while after kubectl returned.
	allowed, denied chan struct{}

	mu       sync.Mutex
	returned bool
	in, out  int // answers of a kind in a row
	last     sample
	wrong    error
}

// expectDenial begins to count refusals.
func (v *victim) expectDenial() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.returned, v.out = true, 0
}

// observe takes an answer.
func (v *victim) observe(s sample) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch s.status {
	case http.StatusOK:
		if s.answered.After(v.last.answered) {
			v.last = s
		}
		v.in, v.out = v.in+1, 0
		if v.in == enough {
			close(v.allowed)
		}
	case http.StatusForbidden:
		v.out++
		if v.returned && v.out == enough {
			close(v.denied)
			v.returned = false
		}
	default:
		v.wrong = fmt.Errorf("a request about the victim was answered with %d %s", s.status, http.StatusText(s.status))
	}
}
