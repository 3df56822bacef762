package testenv

import (
	"cmp"
	"context"
	"crypto/rand"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/controllers"
	"rollcall.dev/rollcall/internal/mail"
	"rollcall.dev/rollcall/test/controlplane"
)

// OperatorOptions holds the settings of an operator in this process.
type OperatorOptions struct {
	// MailTimeouts are those of its SMTP client; zero: 5 seconds each, for mail
	// servers that hang.
	MailTimeouts mail.Timeouts
	// MemberConcurrency and MailConcurrency are the numbers of workers; zero: 8 and 4.
	MemberConcurrency, MailConcurrency int
	// WithoutRoleBindings runs it with --role-bindings=false.
	WithoutRoleBindings bool
	// SessionKeySecret is the Secret with the gate's session keys; empty: none.
	SessionKeySecret types.NamespacedName
	// Now is its clock; nil: the machine's.
	Now func() time.Time
}

// StartOperator runs an operator in this process, with the permissions of an account,
// for namespaces; none: all. It runs until the test ends or stop is called.
func (e *Environment) StartOperator(account *rest.Config, namespaces ...string) (stop func()) {
	e.Helper()
	o := e.OperatorOptions
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the operator's clock is the machine's
	}
	if o.MailTimeouts == (mail.Timeouts{}) {
		o.MailTimeouts = mail.Timeouts{Connect: 5 * time.Second, Reply: 5 * time.Second, EndOfData: 5 * time.Second}
	}
	return e.run("operator", func(ctx context.Context) (runner, error) {
		return controllers.NewManager(ctx, account, controllers.Options{
			MetricsBindAddress: "0", HealthProbeBindAddress: "0",
			WatchNamespaces:   namespaces,
			MemberConcurrency: cmp.Or(o.MemberConcurrency, 8), MailConcurrency: cmp.Or(o.MailConcurrency, 4), RoleBindings: !o.WithoutRoleBindings,
			Logger: zap.New(zap.WriteTo(e.OperatorLog)),
			Now:    o.Now, Random: rand.Reader, Jitter: func() float64 { return 0.5 },
			Dialer:           mail.SMTPDialer{Timeouts: o.MailTimeouts},
			SessionKeySecret: o.SessionKeySecret,
			SeveralInProcess: true,
		})
	})
}

// runner is an operator or a gate.
type runner interface{ Start(context.Context) error }

// run runs a program in this process until the test ends or stop is called.
func (e *Environment) run(name string, build func(context.Context) (runner, error)) (stop func()) {
	e.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(e.Context()))
	program, err := build(ctx)
	if err != nil {
		cancel()
		e.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- program.Start(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			e.Errorf("the %s stopped with %v; its log:\n%s", name, err, e.OperatorLog)
		}
	})
	e.Cleanup(stop)
	return stop
}

// OperatorProcess is an operator in a process of its own, as in a pod. It can be
// started again after it ended.
type OperatorProcess struct {
	*controlplane.Process

	options   controlplane.ProcessOptions
	arguments []string
}

// NewOperatorProcess prepares an operator process with the permissions of an account.
// It is killed at the end of the test if it still runs.
func NewOperatorProcess(t *testing.T, account *rest.Config, log io.Writer, namespaces []string, arguments ...string) *OperatorProcess {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := controlplane.WriteKubeconfig(kubeconfig, account); err != nil {
		t.Fatal(err)
	}
	p := &OperatorProcess{
		// With the race detector, ending takes longer than in a pod.
		options: controlplane.ProcessOptions{Environment: []string{runOperatorVariable + "=1"}, Stdout: log, Stderr: log, Patience: 60 * time.Second},
		arguments: append([]string{
			"--kubeconfig", kubeconfig, "--watch-namespaces", strings.Join(namespaces, ","),
			"--metrics-bind-address=0", "--health-probe-bind-address=0",
		}, arguments...),
	}
	t.Cleanup(func() {
		if p.Process != nil && p.Exited() == nil {
			_ = p.Kill() //nolint:errcheck // it may have ended meanwhile
		}
	})
	return p
}

// SetEnvironment adds NAME=value to the environment of the process.
func (p *OperatorProcess) SetEnvironment(variables ...string) {
	p.options.Environment = append(p.options.Environment, variables...)
}

// Start starts the process.
func (p *OperatorProcess) Start(ctx context.Context) (err error) {
	p.Process, err = controlplane.StartProcessWith(ctx, p.options, os.Args[0], p.arguments...)
	return err
}
