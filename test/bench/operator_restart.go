package main

import "context"

// restartFigures are what the operator does when it starts over Members with whom it
// was done.
type restartFigures struct {
	Members int `json:"members"`
	// Ready is how many seconds the caches took to fill, and Quiet how many until the
	// operator did nothing more, from its start.
	Ready float64 `json:"secondsToReady"`
	Quiet float64 `json:"secondsToQuiet"`
	CPU   float64 `json:"cpuSeconds"`
	// Memory is once it is quiet.
	Memory memory `json:"memoryBytes"`
	// Writes are those to anything that the operator writes but its Lease.
	Writes   int              `json:"writes"`
	Mails    int              `json:"mails"`
	Requests []requestFigures `json:"requests"`
}

// measureRestart starts the operator over all Members.
func (w *operatorBench) measureRestart(ctx context.Context, report *operatorReport) error {
	if err := w.stopOperator(); err != nil {
		return err
	}
	w.say("a restart over %d Members", w.made+1)
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	if err := w.startOperator(ctx); err != nil {
		return err
	}
	quiet, err := w.awaitQuiet(ctx)
	if err != nil {
		return err
	}
	computed, err := cpuTime(w.operator.Pid())
	if err != nil {
		return err
	}
	r := &report.Restart
	if r.Memory, err = memoryOf(w.operator.Pid()); err != nil {
		return err
	}
	if err := w.profileHeap(ctx, "restart"); err != nil {
		return err
	}
	// Late counts would be writes too.
	if err := w.awaitCounts(ctx); err != nil {
		return err
	}
	after, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	made := after.foreign.minus(before.foreign)
	r.Members = w.made + 1
	r.Ready, r.Quiet = w.operator.ready.Seconds(), quiet.Sub(w.operator.begun).Seconds()
	r.CPU = computed.Seconds()
	r.Writes = made.total(func(kind requestKind) bool { return kind.writes() && kind.ours() })
	r.Mails = after.mails.Letters - before.mails.Letters
	r.Requests = made.figures(r.Members)
	return w.stopOperator()
}

// ours reports whether it is about what the operator writes, but its Lease, which it renews
// all the time.
func (r requestKind) ours() bool {
	return r.about("members", "secrets", "contactcenters", "skillgroups", "sites", "teams", "userprofiles",
		"desktopprofiles", "membertemplates", "events", "roles", "rolebindings", "configmaps")
}
