package controlplane

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// FreeAddress returns an address of this machine that is free, for a
// program that is about to. Nothing keeps others from taking it first.
func FreeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// AwaitReady waits until a URL of the program is answered with 200. It fails when
// the program ends, and after patience.
func (p *Process) AwaitReady(ctx context.Context, url string, patience time.Duration) error {
	client := &http.Client{Timeout: time.Second}
	defer client.CloseIdleConnections()
	err := wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		if err := p.Exited(); err != nil {
			return false, err
		}
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if err != nil {
			return false, nil //nolint:nilerr // not listening yet: try again
		}
		return response.StatusCode == http.StatusOK, response.Body.Close()
	})
	if err != nil && p.Log != "" {
		err = fmt.Errorf("%w: see %s", err, p.Log)
	}
	if err != nil {
		return fmt.Errorf("%s is not ready: %w", filepath.Base(p.cmd.Path), err)
	}
	return nil
}
