package main

import (
	"context"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// deskNamespace is the contact center that is measured.
	deskNamespace = "bench"
	// gateName and sessionKeysName are as in config/gate.
	gateName        = testenv.GateAccount
	sessionKeysName = "rollcall-gate-session-keys"
)

// gateBench is what the gate is measured in.
type gateBench struct {
	installation
	gateOptions

	nginxPath string
	members   []person
	// asDeployed is what the gate's Deployment gives it.
	asDeployed deployed
	// asked are the members that load is about, from all over the contact center, and
	// sessions their session cookies. The last ones, as many as cut-offs, are cut off.
	asked    []person
	sessions []string
}

// open makes the environment: a control plane with config/default and config/gate, the
// contact center with its members, and the gate's program.
func (w *gateBench) open(ctx context.Context) (err error) {
	if err := w.installation.open(ctx, "default", "gate"); err != nil {
		return err
	}
	if w.asDeployed, err = w.deployed(ctx, gateName); err != nil {
		return err
	}
	if err := w.openDesk(ctx); err != nil {
		return fmt.Errorf("making the contact center: %w", err)
	}
	started := w.now()
	w.say("making %d members with their Secrets", w.gateOptions.members)
	if err := w.makeMembers(ctx); err != nil {
		return fmt.Errorf("making members: %w", err)
	}
	w.say("made them in %s", w.since(started).Round(time.Second))
	return nil
}

// openDesk makes the contact center, and the session keys as the operator would.
func (w *gateBench) openDesk(ctx context.Context) error {
	if err := w.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: deskNamespace}}); err != nil {
		return err
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(w.random, key); err != nil {
		return err
	}
	keys := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: testenv.SystemNamespace, Name: sessionKeysName,
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue},
		},
		Data: map[string][]byte{w.now().UTC().Format("20060102T150405Z"): key},
	}
	if err := w.admin.Create(ctx, keys); err != nil {
		return err
	}
	return w.admin.Create(ctx, newCenter(deskNamespace, nil))
}
