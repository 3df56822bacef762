package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

var shared = testenv.Shared{Options: testenv.Options{Install: []string{"default"}}}

func TestMain(m *testing.M) {
	// The tests mostly wait for the cluster, so more of them run at once than there are cores. The
	// flag -parallel still overrides this.
	if err := flag.Set("test.parallel", "6"); err != nil {
		panic(err)
	}
	os.Exit(shared.Run(m)) //nolint:forbidigo // a TestMain ends this way
}

// environment is a namespace with a mail server, for one test.
type environment struct {
	*testenv.Environment

	stopOperator func()
}

// newEnvironment creates an empty namespace in which no operator runs.
func newEnvironment(t *testing.T) *environment {
	t.Helper()
	return &environment{Environment: shared.Cluster(t).NewEnvironment(t, "test-", smtptest.Options{})}
}

// newContactCenter creates a contact center, and runs the operator for it.
func newContactCenter(t *testing.T) *environment {
	t.Helper()
	env := newEnvironment(t)
	env.startOperator()
	env.CreateAll(env.ContactCenterWithIdentity())
	env.await(v1alpha1.SuperAdminMemberName)
	return env
}

// startOperator runs the operator for the namespace until the test ends or stopOperator is called.
func (env *environment) startOperator() {
	env.Helper()
	env.OperatorOptions = testenv.OperatorOptions{MemberConcurrency: 16, MailConcurrency: 8}
	env.stopOperator = env.StartOperator(env.Cluster.Operator, env.Namespace)
}

// await waits until Members are Ready.
func (env *environment) await(names ...string) {
	env.Helper()
	for _, name := range names {
		env.AwaitMember(name, func(member *v1alpha1.Member) error {
			return testenv.HasCondition(member.Status.Conditions, v1alpha1.ReadyCondition, metav1.ConditionTrue, v1alpha1.ReasonReady)
		})
	}
}

// answer is what a run of the plug-in printed, and its exit code.
type answer struct {
	out, err string
	code     int
}

// plugin runs `kubectl member` in the namespace as a cluster administrator.
func (env *environment) plugin(arguments ...string) answer {
	env.Helper()
	return env.pluginWith(env.Context(), func(*cli.Session) {}, "", arguments...)
}

// pluginWith runs the plug-in with an input, and a session that is changed first,
// such as one that can ask.
func (env *environment) pluginWith(ctx context.Context, change func(*cli.Session), input string, arguments ...string) answer {
	env.Helper()
	var out, errOut bytes.Buffer
	s := cli.NewSession(genericiooptions.IOStreams{In: bytes.NewBufferString(input), Out: &out, ErrOut: &errOut}, time.Now) //nolint:forbidigo // ages are those of real objects
	change(s)
	code := run(ctx, s, append([]string{"--kubeconfig", env.Cluster.Kubeconfig, "--namespace", env.Namespace}, arguments...))
	return answer{out: out.String(), err: errOut.String(), code: code}
}

// done wants a run to have succeeded without a complaint, and returns its output.
func (a answer) done(t *testing.T) string {
	t.Helper()
	if a.code != cli.ExitDone || a.err != "" {
		t.Fatalf("exit code %d, and it complains:\n%s", a.code, a.err)
	}
	return a.out
}
