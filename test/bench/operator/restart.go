package operator

import (
	"context"

	"rollcall.dev/rollcall/test/bench/usage"
)

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
	Memory usage.Memory `json:"memoryBytes"`
	// Writes are those to anything that the operator writes but its Lease.
	Writes   int              `json:"writes"`
	Mails    int              `json:"mails"`
	Requests []requestFigures `json:"requests"`
}

// measureRestart starts the operator over all Members.
func (w *Bench) measureRestart(ctx context.Context) error {
	if err := w.stopOperator(); err != nil {
		return err
	}
	w.Printf("a restart over %d Members", w.Made+1)
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	if err := w.StartOperator(ctx); err != nil {
		return err
	}
	quiet, err := w.awaitQuiet(ctx)
	if err != nil {
		return err
	}
	computed, err := usage.CPUSeconds(w.operator.Pid())
	if err != nil {
		return err
	}
	r := &w.report.Restart
	if r.Memory, err = usage.MemoryOf(w.operator.Pid()); err != nil {
		return err
	}
	if err := w.profileHeap(ctx, "restart"); err != nil {
		return err
	}
	// Late counts would be writes too.
	if err := w.AwaitCounts(ctx); err != nil {
		return err
	}
	after, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	made := after.foreign.minus(before.foreign)
	r.Members = w.Made + 1
	r.Ready, r.Quiet = w.ready.Seconds(), quiet.Sub(w.begun).Seconds()
	r.CPU = computed
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
