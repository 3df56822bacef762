package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// The goals.
const (
	goalPerCPUSecond = namedLoad
	goalP99          = 2   // milliseconds, at half of namedLoad
	goalMemory       = 250 // megabytes, with goalMembers
	goalMembers      = 50_000
	goalCutOff       = 50 // milliseconds, p99
)

// gateReport is all that was measured.
type gateReport struct {
	Machine    string        `json:"machine"`
	Go         string        `json:"go"`
	Nginx      string        `json:"nginx"`
	Members    int           `json:"members"`
	Asked      int           `json:"membersAsked"`
	Duration   string        `json:"duration"`
	Throughput []*throughput `json:"throughput"`
	Memory     gateMemory    `json:"memoryBytes"`
	CutOffs    cutOffs       `json:"cutOffsMilliseconds"`
	Goals      goals         `json:"goals"`
}

// gateMemory is the gate's memory over time.
type gateMemory struct {
	SecondsToReady float64 `json:"secondsToReady"`
	// Ready is when the gate had all members, Loaded after it was saturated with
	// requests, and CutOff after the cut-offs.
	Ready  memory `json:"ready"`
	Loaded memory `json:"loaded"`
	CutOff memory `json:"cutOff"`
}

func newGateReport(ctx context.Context, w *gateBench) *gateReport {
	return &gateReport{
		Machine: machine(), Go: runtime.Version(), Nginx: nginxVersion(ctx, w.nginxPath),
		Members: w.gateOptions.members, Asked: min(mostAsked, w.gateOptions.members-w.cutoffs), Duration: w.duration.String(),
	}
}

// machine says what the figures are of.
func machine() string {
	model := runtime.GOARCH
	// Where this cannot be read, the rest has to do.
	text, err := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, _ := strings.Cut(line, ":"); err == nil && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	return fmt.Sprintf("%d × %s", runtime.NumCPU(), model)
}

// judge compares what was measured with the goals.
func (r *gateReport) judge() {
	for _, t := range r.Throughput {
		if !strings.HasPrefix(t.Name, "rollcall") {
			continue
		}
		what := t.Name + ", " + t.Question
		r.Goals.atLeast(what, goalPerCPUSecond, t.PerCPUSecond, "requests/s a core")
		r.Goals.atMost(what+fmt.Sprintf(", at %.0f/s", t.Rate), goalP99, t.Latency.P99, "ms p99")
	}
	what := fmt.Sprintf("memory, at its peak, with %d members", r.Members)
	r.Goals.atMost(what, goalMemory, megabytes(r.Memory.CutOff.Peak), "MB")
	r.Goals.atMost("cut-off, from kubectl patch returning to the last request let through", goalCutOff, r.CutOffs.Answered.P99, "ms p99")
}

func (r *gateReport) reached() goals { return r.Goals }

// write writes the figures for people.
func (r *gateReport) write(out io.Writer) error {
	t, line := newTable(out)
	line("%s, %s, %s", r.Machine, r.Go, r.Nginx)
	line("%d members, of which requests are about %d; %s for each figure", r.Members, r.Asked, r.Duration)
	line("")
	line("SERVER\tQUESTION\tREQUESTS/S\tCORES\tREQUESTS/S A CORE\tAT A LOAD OF\tP50 ms\tP99 ms\tMAX ms\tGENERATOR LATE P99 ms")
	for _, m := range r.Throughput {
		line("%s\t%s\t%.0f\t%.2f\t%.0f\t%.0f/s\t%.2f\t%.2f\t%.2f\t%.2f", m.Name, m.Question, m.PerSecond, m.Cores, m.PerCPUSecond,
			m.Rate, m.Latency.P50, m.Latency.P99, m.Latency.Max, m.Late.P99)
	}
	line("")
	line("MEMORY OF THE GATE\tNOW MB\tPEAK MB")
	line("ready, after %.1f s\t%.0f\t%.0f", r.Memory.SecondsToReady, megabytes(r.Memory.Ready.Resident), megabytes(r.Memory.Ready.Peak))
	line("after saturation\t%.0f\t%.0f", megabytes(r.Memory.Loaded.Resident), megabytes(r.Memory.Loaded.Peak))
	line("after the cut-offs\t%.0f\t%.0f", megabytes(r.Memory.CutOff.Resident), megabytes(r.Memory.CutOff.Peak))
	line("")
	c := r.CutOffs
	line("CUT-OFFS: %d, UNDER %d/s, THE VICTIM %d/s\tP50 ms\tP99 ms\tMAX ms", c.Answered.Count, c.Load, c.VictimLoad)
	for _, row := range []struct {
		what string
		took distribution
	}{
		{"kubectl returned → last request let through answered", c.Answered},
		{"kubectl returned → last request let through sent", c.Sent},
		{"kubectl had the API server's answer → last answered", c.Patched},
		{"kubectl patch, from start to end", c.Kubectl},
		{"latency of requests about others", c.Latency},
	} {
		line("%s\t%.2f\t%.2f\t%.2f", row.what, row.took.P50, row.took.P99, row.took.Max)
	}
	line("")
	line("\tMEASURED\tGOAL\tUNIT\tOF THE GOALS")
	for _, g := range r.Goals {
		line("\t%.6g\t%s %.6g\t%s\t%s: %s", round(g.Measured), g.sign, g.Goal, g.Unit, met(g.Met), g.What)
	}
	if r.Members < goalMembers {
		line("\nThe goal for memory is with %d members.", goalMembers)
	}
	return t.Flush()
}
