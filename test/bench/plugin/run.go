package plugin

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"sync"
	"time"

	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/bench/usage"
)

// pluginRun is what one run of the plug-in took.
type pluginRun struct {
	// FirstLine is how many seconds it was to the first line on its standard output,
	// and Seconds to its end.
	FirstLine float64 `json:"secondsToFirstLine"`
	Seconds   float64 `json:"seconds"`
	// Peak is the most memory that it had, in bytes, as of a hundredth of a second
	// before its end.
	Peak  int64 `json:"peakBytes"`
	Lines int   `json:"lines"`
}

// runPlugin runs the plug-in as an administrator, in the contact center.
func (w *bench) runPlugin(ctx context.Context, args ...string) (run pluginRun, err error) {
	command := exec.CommandContext(ctx, w.plugin, append(args, "--kubeconfig="+w.Cluster.Kubeconfig, "--namespace="+setup.Namespace)...) //nolint:gosec // the plug-in that was just built
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.StdoutPipe()
	if err != nil {
		return run, err
	}
	started := w.Now()
	if err := command.Start(); err != nil {
		return run, err
	}
	peak := watchPeak(ctx, command.Process.Pid)
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if run.Lines++; run.Lines == 1 {
			run.FirstLine = w.Since(started).Seconds()
		}
	}
	run.Peak = peak()
	if err := errors.Join(lines.Err(), command.Wait()); err != nil {
		return run, fmt.Errorf("kubectl member %s: %w\n%s", args[0], err, complaints.String())
	}
	run.Seconds = w.Since(started).Seconds()
	return run, nil
}

// watchPeak looks at the memory of a process until it has ended, or the function is
// called that returns the most. (What the kernel tells of a process that has ended
// begins with the memory of the one that started it.)
func watchPeak(ctx context.Context, pid int) (peak func() int64) {
	ctx, cancel := context.WithCancel(ctx)
	var most int64
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		for {
			now, err := usage.MemoryOf(pid)
			if err != nil {
				return // it has ended
			}
			most = now.Peak
			select {
			case <-ticker.C:
			case <-ctx.Done():
				return
			}
		}
	})
	return func() int64 {
		cancel()
		watching.Wait()
		return most
	}
}
