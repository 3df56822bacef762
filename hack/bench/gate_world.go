package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/controllers"
	"rollcall.dev/rollcall/internal/controlplane"
)

const (
	// deskNamespace is the contact centre that is measured.
	deskNamespace = "bench"
	// systemNamespace, gateName and sessionKeysName are as in config/gate.
	systemNamespace = "rollcall-system"
	gateName        = "rollcall-gate"
	sessionKeysName = "rollcall-gate-session-keys"
)

// gateWorld is what the gate is measured in.
type gateWorld struct {
	surroundings
	gateOptions

	nginxPath string
	dir       string
	plane     *controlplane.ControlPlane
	admin     client.Client
	members   []person
	gatePath  string
	// gateKubeconfig has the permissions of the gate's ServiceAccount.
	gateKubeconfig string
	// gateEnvironment is that of the gate's Deployment.
	gateEnvironment []string
	// asked are the members that load is about, from all over the contact centre, and
	// sessions their session cookies. The last ones, as many as cut-offs, are cut off.
	asked    []person
	sessions []string
}

// open makes the world: a control plane with config/default and config/gate, the
// contact centre with its members, and the gate's program.
func (w *gateWorld) open(ctx context.Context) (err error) {
	if w.dir, err = os.MkdirTemp("", "rollcall-bench-"); err != nil {
		return err
	}
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return err
	}
	if err := w.buildGate(ctx, root); err != nil {
		return err
	}
	if err := w.startPlane(ctx, root); err != nil {
		return err
	}
	if err := w.prepareGate(ctx); err != nil {
		return err
	}
	if err := w.openDesk(ctx); err != nil {
		return fmt.Errorf("making the contact centre: %w", err)
	}
	started := w.now()
	w.say("making %d members with their Secrets", w.gateOptions.members)
	if err := w.makeMembers(ctx); err != nil {
		return fmt.Errorf("making members: %w", err)
	}
	w.say("made them in %s", w.since(started).Round(time.Second))
	return nil
}

// close takes down what open set up.
func (w *gateWorld) close() error {
	var errs []error
	if w.plane != nil {
		w.say("stopping the control plane")
		errs = append(errs, w.plane.Stop())
	}
	if w.dir != "" {
		errs = append(errs, os.RemoveAll(w.dir))
	}
	return errors.Join(errs...)
}

// buildGate builds rollcall as `make build` does.
func (w *gateWorld) buildGate(ctx context.Context, root string) error {
	w.say("building rollcall")
	w.gatePath = filepath.Join(w.dir, "rollcall")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", w.gatePath, ".") //nolint:gosec // builds this repository into the benchmark's folder
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building rollcall: %w\n%s", err, output)
	}
	return nil
}

// startPlane starts the control plane and applies what a cluster gets.
func (w *gateWorld) startPlane(ctx context.Context, root string) (err error) {
	config := filepath.Join(root, "config")
	w.plane, err = controlplane.Start(ctx, controlplane.Options{
		Dir:  filepath.Join(w.dir, "controlplane"),
		CRDs: []string{filepath.Join(config, "crd", "bases")},
		Log:  w.log,
	})
	if err != nil {
		return err
	}
	w.say("applying config/default and config/gate")
	for _, folder := range []string{"default", "gate"} {
		if err := w.plane.ApplyKustomization(ctx, filepath.Join(config, folder)); err != nil {
			return err
		}
	}
	scheme, err := controllers.NewScheme()
	if err != nil {
		return err
	}
	w.admin, err = client.New(w.plane.Config, client.Options{Scheme: scheme})
	return err
}

// prepareGate takes from config/gate what the gate's process is to be like.
func (w *gateWorld) prepareGate(ctx context.Context) error {
	var deployment appsv1.Deployment
	if err := w.admin.Get(ctx, client.ObjectKey{Namespace: systemNamespace, Name: gateName}, &deployment); err != nil {
		return err
	}
	for _, variable := range deployment.Spec.Template.Spec.Containers[0].Env {
		if variable.ValueFrom == nil {
			w.gateEnvironment = append(w.gateEnvironment, variable.Name+"="+variable.Value)
		}
	}
	permissions, err := w.plane.ServiceAccountConfig(ctx, systemNamespace, gateName)
	if err != nil {
		return err
	}
	w.gateKubeconfig = filepath.Join(w.dir, "gate.kubeconfig")
	return controlplane.WriteKubeconfig(w.gateKubeconfig, permissions)
}

// openDesk makes the contact centre, and the session keys as the operator would.
func (w *gateWorld) openDesk(ctx context.Context) error {
	if err := w.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: deskNamespace}}); err != nil {
		return err
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(w.random, key); err != nil {
		return err
	}
	keys := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: systemNamespace, Name: sessionKeysName,
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue},
		},
		Data: map[string][]byte{w.now().UTC().Format("20060102T150405Z"): key},
	}
	if err := w.admin.Create(ctx, keys); err != nil {
		return err
	}
	return w.admin.Create(ctx, &v1alpha1.ContactCenter{
		ObjectMeta: metav1.ObjectMeta{Namespace: deskNamespace, Name: v1alpha1.ContactCenterName},
		Spec: v1alpha1.ContactCenterSpec{
			DisplayName: "Benchmark",
			LoginURL:    "https://desk.example.com/login",
			SuperAdmin:  v1alpha1.SuperAdmin{Email: "sam@example.com"},
		},
	})
}
