//go:build interop

package interop

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/controlplane"
)

// gate is the login gate as a process.
type gate struct {
	// address is where proxies ask it.
	address string
	// log is the file of its standard output and error: decisions, and the rest.
	log string
}

// startRollcall builds Rollcall, and runs the operator and a gate with the
// permissions that config/default and config/gate give them.
func startRollcall(ctx context.Context, root string) error {
	binary := filepath.Join(suite.dir, "rollcall")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	build.Dir = root
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building Rollcall: %w\n%s", err, output)
	}
	if _, err := startRole(ctx, binary, suite.cluster.Operator,
		"manager", "--leader-elect=false", "--watch-namespaces="+deskNamespace,
		"--metrics-bind-address=0", "--session-key-secret="+sessionKeys); err != nil {
		return err
	}
	address, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return err
	}
	log, err := startRole(ctx, binary, suite.cluster.Gate,
		"gate", "--namespaces="+deskNamespace, "--session-key-secret="+sessionKeys,
		"--trusted-proxies=127.0.0.1/32", "--bind-address="+address,
		"--tls-cert-file="+filepath.Join(suite.certs.dir, "gate.crt"),
		"--tls-key-file="+filepath.Join(suite.certs.dir, "gate.key"))
	suite.gate = &gate{address: address, log: log}
	return err
}

// startRole runs Rollcall as a ServiceAccount, waits until it is ready, and
// returns the file of its log.
func startRole(ctx context.Context, binary string, account *rest.Config, args ...string) (string, error) {
	kubeconfig := filepath.Join(suite.dir, args[0]+".kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, account); err != nil {
		return "", err
	}
	health, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return "", err
	}
	log, err := os.Create(filepath.Join(suite.dir, args[0]+".log"))
	if err != nil {
		return "", err
	}
	atEnd(log.Close)
	process, err := controlplane.StartProcess(ctx, log, stopPatience, binary,
		append(args, "--kubeconfig="+kubeconfig, "--health-probe-bind-address="+health)...)
	if err != nil {
		return "", err
	}
	atEnd(process.Stop)
	if err := process.AwaitReady(ctx, "http://"+health+"/readyz", patience); err != nil {
		text, readErr := os.ReadFile(log.Name())
		return "", errors.Join(fmt.Errorf("rollcall %s is not ready: %w\n%s", args[0], err, text), readErr)
	}
	return log.Name(), nil
}

// auditLine is what the tests look at in a line of the audit log.
type auditLine struct {
	Message string `json:"msg"`
	Policy  string `json:"policy"`
	Client  string `json:"client"`
	Method  string `json:"method"`
	URI     string `json:"uri"`
}

// text is all that the gate has written.
func (g *gate) text(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(g.log)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// decisions are the audit lines about a client's address, oldest first.
func (g *gate) decisions(t *testing.T, client net.IP) (lines []auditLine) {
	t.Helper()
	reader := bufio.NewReader(bytes.NewReader(g.text(t)))
	for {
		text, err := reader.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return lines
		}
		var line auditLine
		if json.Unmarshal(text, &line) == nil && line.Message == "decision" && line.Client == client.String() {
			lines = append(lines, line)
		}
	}
}
