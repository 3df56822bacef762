package operator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/bench/usage"
)

// loadFigures are what the operator does.
type loadFigures struct {
	Members   int     `json:"members"`
	Seconds   float64 `json:"seconds"`
	PerSecond float64 `json:"membersPerSecond"`
	// Ratio is members a second over the floor's.
	Ratio float64 `json:"ratioToFloor"`
	// Created is how many seconds the creators took.
	Created float64 `json:"secondsToCreate"`
	// Counted is from all being Ready to all counts being right.
	Counted float64 `json:"secondsToCounts"`
	CPU     cpuUse  `json:"cpuSeconds"`
	// Memory is the operator's, once all are Ready.
	Memory usage.Memory `json:"memoryBytes"`
	// Requests are those that are not the benchmark's, from the first create until
	// all is counted.
	Requests []requestFigures `json:"requests"`
	// Writes and Reads are those of Members and their Secrets, for each Member.
	Writes float64 `json:"writesPerMember"`
	Reads  float64 `json:"readsPerMember"`
	Mails  int     `json:"mails"`
}

// measureLoad makes the Members, and waits until the operator is done with them.
func (w *Bench) measureLoad(ctx context.Context) error {
	if err := w.StartOperator(ctx); err != nil {
		return err
	}
	if err := w.AwaitCounts(ctx); err != nil {
		return err
	}
	b := batch{name: "members", count: w.members, watched: victims(w.members, w.cutoffs)}
	w.Printf("the operator: %d Members", b.count)
	before, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	l := &w.report.Load
	profiled := w.profileCPU(ctx, "load")
	started := w.Now()
	if err := w.makeBatch(ctx, b); err != nil {
		return fmt.Errorf("making Members: %w", err)
	}
	l.Created = w.Since(started).Seconds()
	ready, err := w.awaitReady(ctx, b)
	if err != nil {
		return err
	}
	done, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	if l.Memory, err = usage.MemoryOf(w.operator.Pid()); err != nil {
		return err
	}
	if err := errors.Join(profiled(), w.profileHeap(ctx, "load"), w.AwaitCounts(ctx)); err != nil {
		return err
	}
	l.Counted = w.Since(ready).Seconds()
	after, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	l.Members, l.Seconds = b.count, ready.Sub(started).Seconds()
	l.PerSecond = float64(l.Members) / l.Seconds
	l.CPU = done.cpu.minus(before.cpu)
	l.Mails = done.mails.Letters - before.mails.Letters
	l.count(after.foreign.minus(before.foreign))
	w.report.Growth.StorageBefore, w.report.Growth.Storage = before.api.storage, after.api.storage
	return nil
}

// count counts the requests.
func (l *loadFigures) count(made requests) {
	l.Requests = made.figures(l.Members)
	of := func(wanted func(requestKind) bool) float64 {
		return float64(made.total(wanted)) / float64(l.Members)
	}
	l.Writes = of(func(kind requestKind) bool { return kind.writes() && kind.about("members", "secrets") })
	l.Reads = of(func(kind requestKind) bool { return kind.Verb == "GET" && kind.about("members", "secrets") })
}

// growthFigures are what more Members make more of.
type growthFigures struct {
	// StorageBefore and Storage are the size of etcd's database, in bytes, before and
	// after the Members came, with all versions that are not compacted yet.
	StorageBefore int64 `json:"storageBytesBefore"`
	Storage       int64 `json:"storageBytes"`
	// APIServer is the memory of the API server, in bytes.
	APIServer int64 `json:"apiServerResidentBytes"`
	// ListSeconds and ListBytes are of one list of all Members, and PagedSeconds of one
	// in pages of pageSize, as JSON, from asking to the last byte.
	ListSeconds  float64 `json:"listSeconds"`
	ListBytes    int     `json:"listBytes"`
	PagedSeconds float64 `json:"pagedListSeconds"`
}

// pageSize is how many Members a page has.
const pageSize = 500

// measureGrowth measures what becomes more with the Members.
func (w *Bench) measureGrowth(ctx context.Context) error {
	w.Printf("listing the Members")
	g := &w.report.Growth
	took, read, err := w.list(ctx, 0)
	if err != nil {
		return err
	}
	g.ListSeconds, g.ListBytes = took.Seconds(), read
	if took, _, err = w.list(ctx, pageSize); err != nil {
		return err
	}
	g.PagedSeconds = took.Seconds()
	s, err := w.snapshot(ctx)
	if err != nil {
		return err
	}
	g.APIServer = s.api.resident
	return nil
}

// list lists all Members of the contact center, by pages if there is a limit.
func (w *Bench) list(ctx context.Context, limit int) (took time.Duration, read int, err error) {
	query := url.Values{}
	if limit > 0 {
		query.Set("limit", fmt.Sprint(limit))
	}
	for {
		started := w.Now()
		page, err := get(ctx, w.Cluster.Config, "/apis/rollcall.dev/v1alpha1/namespaces/"+setup.Namespace+"/members?"+query.Encode())
		if err != nil {
			return 0, 0, err
		}
		took += w.Since(started)
		read += len(page)
		var list struct {
			Metadata struct {
				Continue string `json:"continue"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(page, &list); err != nil {
			return 0, 0, err
		}
		if list.Metadata.Continue == "" {
			return took, read, nil
		}
		query.Set("continue", list.Metadata.Continue)
	}
}
