package gate

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/usage"
)

// The goals.
const (
	goalPerCPUSecond = namedLoad
	goalP99          = 2   // milliseconds, at half of namedLoad
	goalMemory       = 250 // report.Megabytes, with goalMembers
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

	report.Goals `json:"goals"`
}

// gateMemory is the gate's memory over time.
type gateMemory struct {
	SecondsToReady float64 `json:"secondsToReady"`
	// Ready is when the gate had all members, Loaded after it was saturated with
	// requests, and CutOff after the cut-offs.
	Ready  usage.Memory `json:"ready"`
	Loaded usage.Memory `json:"loaded"`
	CutOff usage.Memory `json:"cutOff"`
}

func newReport(ctx context.Context, w *gateBench) *gateReport {
	return &gateReport{
		Machine: report.Machine(), Go: runtime.Version(), Nginx: nginxVersion(ctx, w.nginxPath),
		Members: w.options.members, Asked: min(mostAsked, w.options.members-w.cutoffs), Duration: w.duration.String(),
	}
}

// judge compares what was measured with the goals.
func (r *gateReport) judge() {
	for _, t := range r.Throughput {
		if !strings.HasPrefix(t.Name, "rollcall") {
			continue
		}
		what := t.Name + ", " + t.Question
		r.AtLeast(what, goalPerCPUSecond, t.PerCPUSecond, "requests/s a core")
		r.AtMost(what+fmt.Sprintf(", at %.0f/s", t.Rate), goalP99, t.Latency.P99, "ms p99")
	}
	what := fmt.Sprintf("memory, at its peak, with %d members", r.Members)
	r.AtMost(what, goalMemory, report.Megabytes(r.Memory.CutOff.Peak), "MB")
	r.AtMost("cut-off, from kubectl patch returning to the last request let through", goalCutOff, r.CutOffs.Answered.P99, "ms p99")
}

// Write writes the figures for people.
func (r *gateReport) Write(t report.Table) {
	t.Line("%s, %s, %s", r.Machine, r.Go, r.Nginx)
	t.Line("%d members, of which requests are about %d; %s for each figure", r.Members, r.Asked, r.Duration)
	t.Line("")
	t.Line("SERVER\tQUESTION\tREQUESTS/S\tCORES\tREQUESTS/S A CORE\tAT A LOAD OF\tP50 ms\tP99 ms\tMAX ms\tGENERATOR LATE P99 ms")
	for _, m := range r.Throughput {
		t.Line("%s\t%s\t%.0f\t%.2f\t%.0f\t%.0f/s\t%.2f\t%.2f\t%.2f\t%.2f", m.Name, m.Question, m.PerSecond, m.Cores, m.PerCPUSecond,
			m.Rate, m.Latency.P50, m.Latency.P99, m.Latency.Max, m.Late.P99)
	}
	t.Line("")
	t.Line("MEMORY OF THE GATE\tNOW MB\tPEAK MB")
	for _, row := range []struct {
		when string
		has  usage.Memory
	}{
		{fmt.Sprintf("ready, after %.1f s", r.Memory.SecondsToReady), r.Memory.Ready},
		{"after saturation", r.Memory.Loaded},
		{"after the cut-offs", r.Memory.CutOff},
	} {
		t.Line("%s\t%.0f\t%.0f", row.when, report.Megabytes(row.has.Resident), report.Megabytes(row.has.Peak))
	}
	t.Line("")
	c := r.CutOffs
	t.Line("CUT-OFFS: %d, UNDER %d/s, THE VICTIM %d/s\tP50 ms\tP99 ms\tMAX ms", c.Answered.Count, c.Load, c.VictimLoad)
	for _, row := range []struct {
		what string
		took report.Distribution
	}{
		{"kubectl returned → last request let through answered", c.Answered},
		{"kubectl returned → last request let through sent", c.Sent},
		{"kubectl had the API server's answer → last answered", c.Patched},
		{"kubectl patch, from start to end", c.Kubectl},
		{"latency of requests about others", c.Latency},
	} {
		t.Line("%s\t%.2f\t%.2f\t%.2f", row.what, row.took.P50, row.took.P99, row.took.Max)
	}
	t.Line("")
	t.GoalsLast(r.Goals)
	if r.Members < goalMembers {
		t.Line("\nThe goal for memory is with %d members.", goalMembers)
	}
}
