package operator

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// floorNamespace is the contact center that no operator looks after.
	floorNamespace = "bench-floor"
	// everyoneGroup is the skill group of --group.
	everyoneGroup = "everyone"
)

// Bench is what the operator is measured in.
type Bench struct {
	setup.Installation
	Options

	// Floor is what the floor did so far.
	Floor FloorFigures
	// Made is how many Members were made for the operator.
	Made int

	report *operatorReport
	// own counts the requests of Admin and asOperator.
	own *ownRequests
	// asDeployed is what the operator's Deployment gives it, and asOperator a client
	// with the operator's permissions.
	asDeployed setup.Deployed
	asOperator client.Client
	mail       *smtptest.Server
	letters    *mailLog
	operator   *controlplane.Process // nil: it does not run
	// pprof is where the operator serves profiles, begun when it was started, and ready
	// how long it took to fill its caches.
	pprof string
	begun time.Time
	ready time.Duration
	// sample is what the operator wrote for one new Member.
	sample *writtenSample
	// floorMade is how many Members were made for the floor.
	floorMade int
	starts    int
}

// New returns a Bench that is to be opened.
func New(i setup.Installation, o Options) *Bench {
	own := &ownRequests{seen: requests{}}
	i.Wrap = own.wrap
	return &Bench{
		Installation: i, Options: o,
		report: newReport(o), own: own, letters: &mailLog{letters: map[string]int{}},
	}
}

// Open makes the environment: a control plane with config/default, a mail server, and two
// contact centers. It has the operator look after one Member, as a sample.
func (w *Bench) Open(ctx context.Context) (err error) {
	if err := w.Installation.Open(ctx, "default"); err != nil {
		return err
	}
	if w.asDeployed, err = w.Deployed(ctx, testenv.OperatorAccount); err != nil {
		return err
	}
	asOperator := rest.CopyConfig(w.asDeployed.Permissions)
	asOperator.Wrap(w.own.wrap)
	if w.asOperator, err = w.Cluster.NewClient(asOperator); err != nil {
		return err
	}
	if w.mail, err = smtptest.Start(smtptest.Options{OnMessage: w.letters.take}); err != nil {
		return err
	}
	for _, namespace := range []string{setup.Namespace, floorNamespace} {
		if err := w.CreateNamespace(ctx, namespace); err != nil {
			return err
		}
		if err := w.Admin.Create(ctx, setup.NewCenter(namespace, w.mail)); err != nil {
			return err
		}
	}
	if err := w.makeGroups(ctx); err != nil {
		return err
	}
	return w.takeSample(ctx)
}

// makeGroups makes the skill groups.
func (w *Bench) makeGroups(ctx context.Context) error {
	groups := map[string]v1alpha1.SkillGroupSpec{}
	for i := range setup.Groups {
		groups[setup.GroupName(i)] = v1alpha1.SkillGroupSpec{DisplayName: "Group " + strconv.Itoa(i)}
	}
	if w.group {
		groups[everyoneGroup] = v1alpha1.SkillGroupSpec{DisplayName: "Everyone", Selector: &metav1.LabelSelector{
			MatchExpressions: []metav1.LabelSelectorRequirement{{Key: batchLabel, Operator: metav1.LabelSelectorOpExists}},
		}}
	}
	for name, spec := range groups {
		group := &v1alpha1.SkillGroup{ObjectMeta: metav1.ObjectMeta{Namespace: setup.Namespace, Name: name}, Spec: spec}
		if err := w.Admin.Create(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// Close takes down what Open set up; after a failure it shows the end of the operator's
// log.
func (w *Bench) Close(failed bool) error {
	if w.mail != nil {
		// A server that hangs would keep the operator waiting.
		w.mail.SetFaults(smtptest.Faults{})
	}
	if failed && w.operator != nil {
		w.Printf("the end of the operator's log:\n%s", tail(w.operator.Log, 20))
	}
	err := w.stopOperator()
	if w.mail != nil {
		err = errors.Join(err, w.mail.Close())
	}
	return errors.Join(err, w.Installation.Close())
}

// StartOperator starts the operator, and returns when its caches have filled.
func (w *Bench) StartOperator(ctx context.Context) (err error) {
	w.pprof = "0"
	if w.profiles != "" {
		if w.pprof, err = controlplane.FreeAddress(ctx); err != nil {
			return err
		}
	}
	w.starts++
	w.Print("starting rollcall manager")
	w.begun = w.Now()
	w.operator, w.ready, err = w.Run(ctx, w.asDeployed, fmt.Sprintf("operator-%d.log", w.starts), "manager",
		"--watch-namespaces="+setup.Namespace, "--leader-elect", "--leader-election-namespace="+testenv.SystemNamespace,
		"--metrics-bind-address=0", "--pprof-bind-address="+w.pprof,
		fmt.Sprintf("--member-concurrency=%d", w.Concurrency), fmt.Sprintf("--mail-concurrency=%d", w.MailConcurrency))
	return err
}

// stopOperator stops the operator, if it runs.
func (w *Bench) stopOperator() error {
	if w.operator == nil {
		return nil
	}
	o := w.operator
	w.operator = nil
	return o.Stop()
}

// tail is the end of a file, as far as it can be read.
func tail(path string, lines int) string {
	text, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimSpace(string(text)), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
