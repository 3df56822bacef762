package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/smtptest"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// floorNamespace is the contact center that no operator looks after.
	floorNamespace = "bench-floor"
	// operatorName is as in config/manager.
	operatorName = testenv.OperatorAccount
	// everyoneGroup is the skill group of --group.
	everyoneGroup = "everyone"
)

// operatorBench is what the operator is measured in.
type operatorBench struct {
	installation
	operatorOptions

	// own counts the requests of admin and asOperator.
	own *ownRequests
	// asDeployed is what the operator's Deployment gives it, and asOperator a client
	// with the operator's permissions.
	asDeployed deployed
	asOperator client.Client
	mail       *smtptest.Server
	letters    *mailLog
	operator   *operatorProcess // nil: it does not run
	sample     *writtenSample
	// made is how many Members were made for the operator, and floorMade for the floor.
	made, floorMade int
	starts          int
}

// operatorProcess is `rollcall manager`.
type operatorProcess struct {
	*program

	// pprof is where it serves profiles, if it does.
	pprof string
	// begun is when it was started, and ready how long it took to fill its caches.
	begun time.Time
	ready time.Duration
}

func newOperatorBench(s dependencies, o operatorOptions) *operatorBench {
	own := &ownRequests{seen: requests{}}
	return &operatorBench{
		installation: installation{dependencies: s, wrap: own.wrap}, operatorOptions: o,
		own: own, letters: newMailLog(),
	}
}

// open makes the environment: a control plane with config/default, a mail server, and two
// contact centers.
func (w *operatorBench) open(ctx context.Context, _ *operatorReport) (err error) {
	if err := w.installation.open(ctx, "default"); err != nil {
		return err
	}
	if w.asDeployed, err = w.deployed(ctx, operatorName); err != nil {
		return err
	}
	asOperator := rest.CopyConfig(w.asDeployed.permissions)
	asOperator.Wrap(w.own.wrap)
	if w.asOperator, err = w.cluster.NewClient(asOperator); err != nil {
		return err
	}
	if w.mail, err = smtptest.Start(smtptest.Options{OnMessage: w.letters.take}); err != nil {
		return err
	}
	for _, namespace := range []string{deskNamespace, floorNamespace} {
		if err := w.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}); err != nil {
			return err
		}
		if err := w.admin.Create(ctx, newCenter(namespace, w.mail)); err != nil {
			return err
		}
	}
	return w.makeGroups(ctx)
}

// makeGroups makes the skill groups.
func (w *operatorBench) makeGroups(ctx context.Context) error {
	var made []*v1alpha1.SkillGroup
	for i := range groups {
		made = append(made, &v1alpha1.SkillGroup{
			ObjectMeta: metav1.ObjectMeta{Namespace: deskNamespace, Name: groupName(i)},
			Spec:       v1alpha1.SkillGroupSpec{DisplayName: "Group " + strconv.Itoa(i)},
		})
	}
	if w.group {
		made = append(made, &v1alpha1.SkillGroup{
			ObjectMeta: metav1.ObjectMeta{Namespace: deskNamespace, Name: everyoneGroup},
			Spec: v1alpha1.SkillGroupSpec{DisplayName: "Everyone", Selector: &metav1.LabelSelector{
				MatchExpressions: []metav1.LabelSelectorRequirement{{Key: batchLabel, Operator: metav1.LabelSelectorOpExists}},
			}},
		})
	}
	for _, group := range made {
		if err := w.admin.Create(ctx, group); err != nil {
			return err
		}
	}
	return nil
}

// close takes down what open set up; after a failure it shows the end of the operator's
// log.
func (w *operatorBench) close(failed bool) error {
	var errs []error
	if w.mail != nil {
		// A server that hangs would keep the operator waiting.
		w.mail.SetFaults(smtptest.Faults{})
	}
	if failed && w.operator != nil {
		w.say("the end of the operator's log:\n%s", tail(w.operator.log.Name(), 20))
	}
	errs = append(errs, w.stopOperator())
	if w.mail != nil {
		errs = append(errs, w.mail.Close())
	}
	return errors.Join(append(errs, w.installation.close())...)
}

// startOperator starts the operator, and returns when its caches have filled.
func (w *operatorBench) startOperator(ctx context.Context) error {
	health, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return err
	}
	o := &operatorProcess{pprof: "0"}
	if w.profiles != "" {
		if o.pprof, err = controlplane.FreeAddress(ctx); err != nil {
			return err
		}
	}
	w.starts++
	w.say("starting rollcall manager")
	o.begun = w.now()
	o.program, err = startProgram(ctx, io.Discard, filepath.Join(w.dir, fmt.Sprintf("operator-%d.log", w.starts)),
		w.asDeployed.environment, w.rollcall,
		"manager", "--kubeconfig="+w.asDeployed.kubeconfig, "--watch-namespaces="+deskNamespace,
		"--leader-elect", "--leader-election-namespace="+testenv.SystemNamespace,
		"--metrics-bind-address=0", "--health-probe-bind-address="+health, "--pprof-bind-address="+o.pprof,
		fmt.Sprintf("--member-concurrency=%d", w.concurrency), fmt.Sprintf("--mail-concurrency=%d", w.mailConcurrency))
	if err != nil {
		return err
	}
	w.operator = o
	if err := o.awaitReady(ctx, "http://"+health+"/readyz"); err != nil {
		return err
	}
	o.ready = w.since(o.begun)
	return nil
}

// stopOperator stops the operator, if it runs.
func (w *operatorBench) stopOperator() error {
	if w.operator == nil {
		return nil
	}
	o := w.operator
	w.operator = nil
	return o.stop()
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
