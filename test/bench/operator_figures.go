package main

import "fmt"

// figure is a line of the table that has no goal.
type figure struct {
	what     string
	measured float64
	unit     string
}

// write writes it below the goals.
func (f figure) write(line func(format string, args ...any)) {
	line("%s\t%.6g\t%s\t\t", f.what, round(f.measured), f.unit)
}

// figures are what was measured beside the goals.
func (r *operatorReport) figures() []figure {
	l, f := r.Load, r.Floor
	listed := []figure{
		{"the operator", l.PerSecond, "members/s"},
		{"the floor", f.PerSecond, "members/s"},
	}
	for i, half := range f.Halves {
		listed = append(listed, figure{fmt.Sprintf("the floor, half %d", i+1), half, "members/s"})
	}
	listed = append(listed,
		figure{"the creators beside the operator", float64(l.Members) / l.Created, "members/s"},
		figure{"from all Ready to all counts right", l.Counted, "s"},
		figure{"CPU of the operator, each member", perMember(l.CPU.Operator, l.Members), "ms"},
		figure{"CPU of the API server, each member, with the operator", perMember(l.CPU.APIServer, l.Members), "ms"},
		figure{"CPU of the API server, each member, with the floor", perMember(f.CPU.APIServer, f.Members), "ms"},
		figure{"CPU of the benchmark, each member, with the operator", perMember(l.CPU.Benchmark, l.Members), "ms"},
		figure{"CPU of the benchmark, each member, with the floor", perMember(f.CPU.Benchmark, f.Members), "ms"},
		figure{"CPU of the operator", l.CPU.Operator, "s"},
		figure{"memory of the operator, all Ready: pages of the program itself", megabytes(l.Memory.File), "MB"},
		figure{"memory of the operator, at its peak", megabytes(l.Memory.Peak), "MB"},
		figure{"restart: caches filled", r.Restart.Ready, "s"},
		figure{"restart: quiet", r.Restart.Quiet, "s"},
		figure{"restart: CPU of the operator", r.Restart.CPU, "s"},
		figure{"restart: memory, once quiet", megabytes(r.Restart.Memory.Resident), "MB"},
		figure{"restart: memory, at its peak", megabytes(r.Restart.Memory.Peak), "MB"},
	)
	for _, one := range r.cutOffs() {
		listed = append(listed, one.figures()...)
	}
	g := r.Growth
	return append(listed,
		figure{"list of all Members", g.ListSeconds, "s"},
		figure{"list of all Members, by pages of 500", g.PagedSeconds, "s"},
		figure{"list of all Members, its size", megabytes(int64(g.ListBytes)), "MB"},
		figure{"etcd's database, before the Members", megabytes(g.StorageBefore), "MB"},
		figure{"etcd's database, after the Members", megabytes(g.Storage), "MB"},
		figure{"memory of the API server", megabytes(g.APIServer), "MB"},
	)
}

// perMember is how many milliseconds of some seconds each member took.
func perMember(seconds float64, members int) float64 {
	return 1000 * seconds / float64(max(members, 1))
}

// figures are what was measured of cut-offs beside the goal.
func (n namedCutOffs) figures() []figure {
	what := func(detail string) string { return "forced offline " + n.while + ": " + detail }
	return []figure{
		{what("members"), float64(n.Answered.Count), ""},
		{what("from the first to the last"), n.Seconds, "s"},
		{what("new Members queued"), float64(n.Queued), ""},
		{what("of these not looked at in the end"), float64(n.Left), ""},
		{what("patch answered → Denied"), n.Answered.P50, "ms p50"},
		{what("patch answered → Denied"), n.Answered.P99, "ms p99"},
		{what("patch answered → Denied"), n.Answered.Max, "ms max"},
		{what("patch sent → Denied"), n.Sent.P50, "ms p50"},
		{what("patch sent → Denied"), n.Sent.P99, "ms p99"},
		{what("patch sent → Denied"), n.Sent.Max, "ms max"},
		{what("the patch itself"), n.Patch.P99, "ms p99"},
		{what("then, until all are Ready"), n.Recovered, "s"},
	}
}
