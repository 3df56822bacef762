package operator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/rest"
)

// profileTime is how long the CPU is profiled from the first create on.
const profileTime = 20 * time.Second

// profileCPU profiles the operator and the API server, if --profiles asks for it, beside
// what comes next, and returns how to wait for it.
func (w *Bench) profileCPU(ctx context.Context, name string) (wait func() error) {
	if w.profiles == "" {
		return func() error { return nil }
	}
	question := fmt.Sprintf("profile?seconds=%d", int(profileTime.Seconds()))
	var taking errgroup.Group
	taking.Go(func() error { return w.takeProfile(ctx, w.pprofConfig(), name+".cpu.pprof", question) })
	taking.Go(func() error { return w.takeProfile(ctx, w.Cluster.Config, "apiserver.cpu.pprof", question) })
	return taking.Wait
}

// profileHeap profiles what the operator has in memory, if --profiles asks for it.
func (w *Bench) profileHeap(ctx context.Context, name string) error {
	if w.profiles == "" {
		return nil
	}
	return w.takeProfile(ctx, w.pprofConfig(), name+".heap.pprof", "heap?gc=1")
}

// pprofConfig is where the operator serves profiles.
func (w *Bench) pprofConfig() *rest.Config { return &rest.Config{Host: "http://" + w.pprof} }

// takeProfile writes a profile of a program to a file in the folder of --profiles.
func (w *Bench) takeProfile(ctx context.Context, of *rest.Config, file, question string) error {
	profile, err := get(ctx, of, "/debug/pprof/"+question)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(w.profiles, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.profiles, file), profile, 0o600)
}
