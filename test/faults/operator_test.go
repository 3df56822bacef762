//go:build faults

package faults

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/client-go/rest"

	"rollcall.dev/rollcall/test/testenv"
)

// operator is an operator process, which may be started again. All of its processes
// have one log.
type operator struct {
	*testing.T
	*testenv.OperatorProcess
	log *os.File
}

// newOperator prepares an operator for some contact centers; start starts it. It
// acts at the API server of the account, which is a cluster's or a proxy's.
func newOperator(t *testing.T, account *rest.Config, environments []*environment, arguments ...string) *operator {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "operator.log"))
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{T: t, log: log}
	// This is after the end of the process.
	t.Cleanup(func() {
		checkLog(t, o)
		log.Close()
	})
	namespaces := make([]string, len(environments))
	for i, env := range environments {
		namespaces[i] = env.Namespace
		env.operators = append(env.operators, o)
	}
	o.OperatorProcess = testenv.NewOperatorProcess(t, account, log, namespaces, append([]string{"--leader-elect=false"}, arguments...)...)
	return o
}

// start starts the operator.
func (o *operator) start() {
	o.Helper()
	if err := o.launch(); err != nil {
		o.Fatal(err)
	}
}

// launch is start for goroutines other than the test's.
func (o *operator) launch() error {
	return o.Start(context.WithoutCancel(o.Context()))
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
