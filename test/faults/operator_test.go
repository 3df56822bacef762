//go:build faults

package faults

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/controlplane"
)

// stopPatience is how long an operator has to end. With the race detector in it,
// and others computing beside it, it takes longer than in a pod.
const stopPatience = 60 * time.Second

// operator is the operator as a process of its own, which may be started again and
// again. All of its lives have one log.
type operator struct {
	*testing.T
	*controlplane.Process
	log         *os.File
	command     []string
	environment []string
}

// newOperator prepares an operator for some contact centres; start starts it. It
// acts at the API server that account is for, which is a cluster's or a proxy's.
func newOperator(t *testing.T, account *rest.Config, desks []*desk, arguments ...string) *operator {
	t.Helper()
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, account); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(dir, "operator.log"))
	if err != nil {
		t.Fatal(err)
	}
	namespaces := make([]string, len(desks))
	for i, d := range desks {
		namespaces[i] = d.namespace
	}
	o := &operator{T: t, log: log, environment: []string{runManagerVariable + "=1"}, command: append([]string{
		"--kubeconfig", kubeconfig, "--watch-namespaces", strings.Join(namespaces, ","),
		"--metrics-bind-address=0", "--health-probe-bind-address=0", "--leader-elect=false",
	}, arguments...)}
	t.Cleanup(func() {
		if o.Process != nil && o.Exited() == nil {
			o.kill()
		}
		checkLog(t, o)
		log.Close()
	})
	for _, d := range desks {
		d.operators = append(d.operators, o)
	}
	return o
}

// start starts the operator.
func (o *operator) start() {
	o.Helper()
	if err := o.launch(); err != nil {
		o.Fatal(err)
	}
}

// launch is start, for goroutines that are not the test's.
func (o *operator) launch() error {
	process, err := controlplane.StartProcessWith(context.WithoutCancel(o.Context()), controlplane.ProcessOptions{
		Environment: o.environment, Stdout: o.log, Stderr: o.log, Patience: stopPatience,
	}, os.Args[0], o.command...)
	if err != nil {
		return err
	}
	o.Process = process
	return nil
}

// kill ends the operator as a crash does.
func (o *operator) kill() {
	o.Helper()
	if err := o.Kill(); err != nil {
		o.Errorf("killing the operator: %v", err)
	}
}

// stop ends the operator as a cluster does.
func (o *operator) stop() {
	o.Helper()
	if err := o.Stop(); err != nil {
		o.Errorf("stopping the operator: %v\n%s", err, o.tail())
	}
}

// text is all that the operator has logged.
func (o *operator) text() string {
	o.Helper()
	text, err := os.ReadFile(o.log.Name())
	if err != nil {
		o.Fatal(err)
	}
	return string(text)
}

// tail is the end of the log.
func (o *operator) tail() string {
	o.Helper()
	return end(o.text())
}

// end is the end of a log.
func end(text string) string {
	const enough = 8 << 10
	return text[max(0, len(text)-enough):]
}

// checkLog looks for what no log may have, whatever failed.
func checkLog(t *testing.T, o *operator) {
	t.Helper()
	for _, sign := range []string{"DATA RACE", "panic:", "Observed a panic", "fatal error:"} {
		text := o.text()
		if at := strings.Index(text, sign); at >= 0 {
			t.Errorf("the operator's log has %q:\n%s", sign, text[at:min(len(text), at+4<<10)])
		}
	}
}
