package testenv

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"rollcall.dev/rollcall/test/controlplane"
)

// Build builds a program of this repository, with more environment (NAME=value) and more
// flags for `go build`.
func Build(ctx context.Context, output, from string, environment []string, flags ...string) error {
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", append(append([]string{"build"}, flags...), "-o", output, from)...) //nolint:gosec // builds this repository
	build.Dir = root
	build.Env = append(os.Environ(), environment...)
	if text, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", filepath.Base(output), err, text)
	}
	return nil
}
