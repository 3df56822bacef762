package operator

import (
	"fmt"

	"rollcall.dev/rollcall/test/bench/report"
)

// writeFigures writes what was measured beside the goals.
func (r *operatorReport) writeFigures(t report.Table) {
	l, f := r.Load, r.Floor
	t.Figure("the operator", l.PerSecond, "members/s")
	t.Figure("the floor", f.PerSecond, "members/s")
	for i, half := range f.Halves {
		t.Figure(fmt.Sprintf("the floor, half %d", i+1), half, "members/s")
	}
	t.Figure("the creators beside the operator", float64(l.Members)/l.Created, "members/s")
	t.Figure("from all Ready to all counts right", l.Counted, "s")
	t.Figure("CPU of the operator, each member", perMember(l.CPU.Operator, l.Members), "ms")
	t.Figure("CPU of the API server, each member, with the operator", perMember(l.CPU.APIServer, l.Members), "ms")
	t.Figure("CPU of the API server, each member, with the floor", perMember(f.CPU.APIServer, f.Members), "ms")
	t.Figure("CPU of the benchmark, each member, with the operator", perMember(l.CPU.Benchmark, l.Members), "ms")
	t.Figure("CPU of the benchmark, each member, with the floor", perMember(f.CPU.Benchmark, f.Members), "ms")
	t.Figure("CPU of the operator", l.CPU.Operator, "s")
	t.Figure("memory of the operator, all Ready: pages of the program itself", report.Megabytes(l.Memory.File), "MB")
	t.Figure("memory of the operator, at its peak", report.Megabytes(l.Memory.Peak), "MB")
	t.Figure("restart: caches filled", r.Restart.Ready, "s")
	t.Figure("restart: quiet", r.Restart.Quiet, "s")
	t.Figure("restart: CPU of the operator", r.Restart.CPU, "s")
	t.Figure("restart: memory, once quiet", report.Megabytes(r.Restart.Memory.Resident), "MB")
	t.Figure("restart: memory, at its peak", report.Megabytes(r.Restart.Memory.Peak), "MB")
	for _, one := range r.cutOffs() {
		one.writeFigures(t)
	}
	g := r.Growth
	t.Figure("list of all Members", g.ListSeconds, "s")
	t.Figure("list of all Members, by pages of 500", g.PagedSeconds, "s")
	t.Figure("list of all Members, its size", report.Megabytes(int64(g.ListBytes)), "MB")
	t.Figure("etcd's database, before the Members", report.Megabytes(g.StorageBefore), "MB")
	t.Figure("etcd's database, after the Members", report.Megabytes(g.Storage), "MB")
	t.Figure("memory of the API server", report.Megabytes(g.APIServer), "MB")
}

// perMember is how many milliseconds of some seconds each member took.
func perMember(seconds float64, members int) float64 {
	return 1000 * seconds / float64(max(members, 1))
}

// writeFigures writes what was measured of cut-offs beside the goal.
func (n namedCutOffs) writeFigures(t report.Table) {
	what := func(detail string) string { return "forced offline " + n.while + ": " + detail }
	t.Figure(what("members"), float64(n.Answered.Count), "")
	t.Figure(what("from the first to the last"), n.Seconds, "s")
	t.Figure(what("new Members queued"), float64(n.Queued), "")
	t.Figure(what("of these not looked at in the end"), float64(n.Left), "")
	t.Figure(what("patch answered → Denied"), n.Answered.P50, "ms p50")
	t.Figure(what("patch answered → Denied"), n.Answered.P99, "ms p99")
	t.Figure(what("patch answered → Denied"), n.Answered.Max, "ms max")
	t.Figure(what("patch sent → Denied"), n.Sent.P50, "ms p50")
	t.Figure(what("patch sent → Denied"), n.Sent.P99, "ms p99")
	t.Figure(what("patch sent → Denied"), n.Sent.Max, "ms max")
	t.Figure(what("the patch itself"), n.Patch.P99, "ms p99")
	t.Figure(what("then, until all are Ready"), n.Recovered, "s")
}
