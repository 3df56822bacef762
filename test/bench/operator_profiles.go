package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// profileTime is how long the CPU is profiled from the first create on.
const profileTime = 20 * time.Second

// profileCPU profiles the operator and the API server, if --profiles asks for it, beside
// what comes next, and returns how to wait for it.
func (w *operatorBench) profileCPU(ctx context.Context, name string) (wait func() error) {
	if w.profiles == "" {
		return func() error { return nil }
	}
	question := fmt.Sprintf("profile?seconds=%d", int(profileTime.Seconds()))
	done := make(chan error, 2)
	go func() { done <- w.takeProfile(ctx, name+".cpu.pprof", question) }()
	go func() {
		profile, err := get(ctx, w.cluster.Config, "/debug/pprof/"+question)
		if err == nil {
			err = w.keepProfile("apiserver.cpu.pprof", profile)
		}
		done <- err
	}()
	return func() error { return errors.Join(<-done, <-done) }
}

// profileHeap profiles what the operator has in memory, if --profiles asks for it.
func (w *operatorBench) profileHeap(ctx context.Context, name string) error {
	if w.profiles == "" {
		return nil
	}
	return w.takeProfile(ctx, name+".heap.pprof", "heap?gc=1")
}

// takeProfile gets a profile from the operator.
func (w *operatorBench) takeProfile(ctx context.Context, file, question string) (err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+w.operator.pprof+"/debug/pprof/"+question, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	profile, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close(), expectOK(response.StatusCode)); err != nil {
		return err
	}
	return w.keepProfile(file, profile)
}

// keepProfile writes a profile to a file in the folder of --profiles.
func (w *operatorBench) keepProfile(file string, profile []byte) error {
	if err := os.MkdirAll(w.profiles, 0o700); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.profiles, file), profile, 0o600)
}
