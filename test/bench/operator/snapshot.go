package operator

import (
	"context"
	"os"
	"time"

	"rollcall.dev/rollcall/test/bench/usage"
)

// cpuUse holds the CPU seconds of each program.
type cpuUse struct {
	Operator  float64 `json:"operator"`
	APIServer float64 `json:"apiServer"`
	// Benchmark is the load generator with the mail server.
	Benchmark float64 `json:"benchmark"`
}

func (c cpuUse) plus(o cpuUse) cpuUse {
	return cpuUse{c.Operator + o.Operator, c.APIServer + o.APIServer, c.Benchmark + o.Benchmark}
}

func (c cpuUse) minus(o cpuUse) cpuUse {
	return cpuUse{c.Operator - o.Operator, c.APIServer - o.APIServer, c.Benchmark - o.Benchmark}
}

// snapshot is what has been counted up to a moment.
type snapshot struct {
	cpu cpuUse
	// foreign are the requests that the API server answered to others than the
	// benchmark.
	foreign requests
	api     *apiMetrics
	mails   mailCounts
}

// snapshot takes a snapshot.
func (w *Bench) snapshot(ctx context.Context) (s snapshot, err error) {
	if s.api, err = readAPIMetrics(ctx, w.Cluster.Config); err != nil {
		return s, err
	}
	s.foreign = s.api.requests.minus(w.own.snapshot())
	s.mails = w.letters.counts()
	s.cpu.APIServer = s.api.cpu
	s.cpu.Benchmark, err = usage.OwnCPUSeconds(os.Getpid())
	if err == nil && w.operator != nil {
		s.cpu.Operator, err = usage.CPUSeconds(w.operator.Pid())
	}
	return s, err
}

// requestFigures are the requests of one kind.
type requestFigures struct {
	requestKind
	tally

	// PerMember is the count for each Member; of no meaning where there are none.
	PerMember float64 `json:"perMember"`
}

// figures lists requests.
func (r requests) figures(members int) []requestFigures {
	listed := []requestFigures{}
	for _, kind := range r.sorted() {
		listed = append(listed, requestFigures{kind, r[kind], float64(r[kind].Count) / float64(max(members, 1))})
	}
	return listed
}

// The operator is quiet when it has computed no more than quietCPU in quietWindow: it
// renews its lease, and no more.
const (
	quietWindow = time.Second
	quietCPU    = 0.02 // seconds
)

// awaitQuiet waits until the operator is quiet, and returns since when it is.
func (w *Bench) awaitQuiet(ctx context.Context) (time.Time, error) {
	type look struct {
		at   time.Time
		used float64
	}
	var looks []look // of the last quietWindow, and one before
	ticker := time.NewTicker(quietWindow / 20)
	defer ticker.Stop()
	for {
		used, err := usage.CPUSeconds(w.operator.Pid())
		if err != nil {
			return time.Time{}, err
		}
		now := w.Now()
		looks = append(looks, look{now, used})
		for len(looks) > 1 && now.Sub(looks[1].at) >= quietWindow {
			looks = looks[1:]
		}
		if now.Sub(looks[0].at) >= quietWindow && used-looks[0].used <= quietCPU {
			return looks[0].at, nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return time.Time{}, ctx.Err()
		}
	}
}
