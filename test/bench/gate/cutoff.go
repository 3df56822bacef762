package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"rollcall.dev/rollcall/test/bench/load"
	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/setup"
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
	Answered report.Distribution `json:"fromKubectlReturningToLastAnswer"`
	Sent     report.Distribution `json:"fromKubectlReturningToLastRequest"`
	// Patched is from when kubectl had the API server's answer, and so said it.
	Patched report.Distribution `json:"fromPatchAnsweredToLastAnswer"`
	// Kubectl is how long kubectl patch ran.
	Kubectl report.Distribution `json:"kubectlPatch"`
	// Latency is of the load about others.
	Latency report.Distribution `json:"latencyOfOthers"`
}

// measureCutOffs forces members offline under load.
func (w *gateBench) measureCutOffs(ctx context.Context, g *gateProcess) error {
	w.Printf("cutting off %d members, under %d requests a second about others", w.cutoffs, cutOffLoad)
	others, err := load.Dial(ctx, w.Now, g.address, g.secure, 4*saturating)
	if err != nil {
		return err
	}
	defer others.Close()
	var requests [][]byte
	for i := range w.report.Asked {
		requests = append(requests, w.cookieRequest(i))
	}
	seen := &latencies{}
	running, ctx := errgroup.WithContext(ctx)
	pacing, stop := context.WithCancel(ctx)
	defer stop()
	running.Go(func() error {
		_, err := others.Pace(pacing, requests, cutOffLoad, seen.observe)
		return err
	})
	running.Go(func() error {
		defer stop()
		return w.cutOffAll(ctx, g)
	})
	err = running.Wait()
	w.report.CutOffs.Latency = report.DistributionOf(seen.all)
	return errors.Join(err, seen.wrong)
}

// cutOffAll forces the last of the members offline, one after the other.
func (w *gateBench) cutOffAll(ctx context.Context, g *gateProcess) error {
	hammer, err := load.Dial(ctx, w.Now, g.address, g.secure, victimConnections)
	if err != nil {
		return err
	}
	defer hammer.Close()
	var answered, sent, patched, kubectl []time.Duration
	for i := w.report.Asked; i < len(w.asked); i++ {
		one, err := w.cutOff(ctx, hammer, i)
		if err != nil {
			return fmt.Errorf("cutting off %s: %w", w.asked[i].name, err)
		}
		answered = append(answered, max(0, one.last.Answered.Sub(one.returned)))
		sent = append(sent, max(0, one.last.Sent.Sub(one.returned)))
		patched = append(patched, max(0, one.last.Answered.Sub(one.said)))
		kubectl = append(kubectl, one.returned.Sub(one.started))
		if done := len(answered); done%50 == 0 {
			w.Printf("%d cut-offs", done)
		}
	}
	w.report.CutOffs = cutOffs{
		Load: cutOffLoad, VictimLoad: victimLoad,
		Answered: report.DistributionOf(answered), Sent: report.DistributionOf(sent),
		Patched: report.DistributionOf(patched), Kubectl: report.DistributionOf(kubectl),
	}
	return nil
}

// cutOff is one cut-off.
type cutOff struct {
	// started and returned are of kubectl, and said is when it first said something.
	started, said, returned time.Time
	// last is the last request that was let in.
	last load.Sample
}

// cutOff forces a member offline while requests about them come.
func (w *gateBench) cutOff(ctx context.Context, hammer *load.Connections, i int) (one cutOff, err error) {
	ctx, cancel := context.WithTimeout(ctx, cutOffPatience)
	defer cancel()
	v := &victim{allowed: make(chan struct{}), denied: make(chan struct{})}
	pacing, stop := context.WithCancel(ctx)
	paced := make(chan error, 1)
	go func() {
		_, err := hammer.Pace(pacing, [][]byte{w.cookieRequest(i)}, victimLoad, v.observe)
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
	output := &firstWrite{now: w.Now}
	kubectl := w.Cluster.KubectlCommand(ctx, "-n", setup.Namespace, "patch", "member", name, "--type=merge",
		"--field-manager="+controlplane.FieldManager, "-p", `{"spec":{"forceOffline":true}}`)
	kubectl.Stdout, kubectl.Stderr = output, output
	one.started = w.Now()
	if err := kubectl.Run(); err != nil {
		return one, fmt.Errorf("kubectl patch: %w: %s", err, output.text)
	}
	one.returned, one.said = w.Now(), output.at
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
	last     load.Sample
	wrong    error
}

// expectDenial begins to count refusals.
func (v *victim) expectDenial() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.returned, v.out = true, 0
}

// observe takes an answer.
func (v *victim) observe(s load.Sample) {
	v.mu.Lock()
	defer v.mu.Unlock()
	switch s.Status {
	case http.StatusOK:
		if s.Answered.After(v.last.Answered) {
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
		v.wrong = fmt.Errorf("a request about the victim was answered with %d %s", s.Status, http.StatusText(s.Status))
	}
}
