package controlplane

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// FieldManager is the field manager of everything that people and tools write
// into specs, so that GitOps controllers leave it alone.
const FieldManager = "rollcall-cli"

// Kubectl runs kubectl with the arguments and with stdin as its input, and
// returns what it printed; what it complained about is in the error. It acts as
// cluster-admin unless the arguments have --kubeconfig.
func (c *ControlPlane) Kubectl(ctx context.Context, stdin string, args ...string) (string, error) {
	cmd := c.KubectlCommand(ctx, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// KubectlCommand returns the command that Kubectl runs, before it is started,
// so that a caller can add to its environment, as KUBE_EDITOR for kubectl edit, or
// to take its output as it comes. It has no input and its output goes nowhere.
func (c *ControlPlane) KubectlCommand(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, c.binary("kubectl"), args...) //nolint:gosec // runs the kubectl of the folder that FindAssets checked
	// The cache is of this control plane: an earlier one may have had its address.
	cmd.Env = append(os.Environ(),
		"KUBECONFIG="+c.Kubeconfig,
		"KUBECACHEDIR="+filepath.Join(c.Dir, "kubectl-cache"))
	cmd.SysProcAttr = dieWithParent()
	return cmd
}
