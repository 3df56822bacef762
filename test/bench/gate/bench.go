package gate

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/load"
	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/bench/usage"
	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/testenv"
)

const (
	// sessionKeysName is as in config/gate.
	sessionKeysName = "rollcall-gate-session-keys"
	sessionCookie   = "__Host-rollcall-" + setup.Namespace
	// mostAsked is how many members requests are about, besides those cut off.
	mostAsked = 1000
	// verifyPath is the question to the gate.
	verifyPath = "/verify/" + setup.Namespace + "/workbench"
)

// gateBench is what the gate is measured in.
type gateBench struct {
	setup.Installation
	options

	report    *gateReport
	nginxPath string
	members   []person
	// asDeployed is what the gate's Deployment gives it.
	asDeployed setup.Deployed
	// asked are the members that load is about, from all over the contact center, and
	// sessions their session cookies. The last ones, as many as cut-offs, are cut off.
	asked    []person
	sessions []string
}

// gateProcess is `rollcall gate`.
type gateProcess struct {
	*controlplane.Process

	address string
	secure  *tls.Config // nil: plain HTTP
	started time.Duration
}

// open makes the environment: a control plane with config/default and config/gate, the
// contact center with its members, and the gate's program.
func (w *gateBench) open(ctx context.Context) (err error) {
	if err := w.Open(ctx, "default", "gate"); err != nil {
		return err
	}
	if w.asDeployed, err = w.Deployed(ctx, testenv.GateAccount); err != nil {
		return err
	}
	if err := w.openDesk(ctx); err != nil {
		return fmt.Errorf("making the contact center: %w", err)
	}
	started := w.Now()
	w.Printf("making %d members with their Secrets", w.options.members)
	if err := w.makeMembers(ctx); err != nil {
		return fmt.Errorf("making members: %w", err)
	}
	w.Printf("made them in %s", w.Since(started).Round(time.Second))
	count := w.report.Asked + w.cutoffs
	for i := range count {
		w.asked = append(w.asked, w.members[i*len(w.members)/count])
	}
	return nil
}

// openDesk makes the contact center, and the session keys as the operator would.
func (w *gateBench) openDesk(ctx context.Context) error {
	if err := w.CreateNamespace(ctx, setup.Namespace); err != nil {
		return err
	}
	key := make([]byte, 32)
	if _, err := io.ReadFull(w.Random, key); err != nil {
		return err
	}
	keys := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: testenv.SystemNamespace, Name: sessionKeysName,
			Labels: map[string]string{v1alpha1.ManagedByLabel: v1alpha1.ManagedByValue},
		},
		Data: map[string][]byte{w.Now().UTC().Format("20060102T150405Z"): key},
	}
	return errors.Join(w.Admin.Create(ctx, keys), w.Admin.Create(ctx, setup.NewCenter(setup.Namespace, nil)))
}

// startGate starts the gate and returns when it is ready.
func (w *gateBench) startGate(ctx context.Context, name string, secure *certificate) (*gateProcess, error) {
	address, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{
		"--bind-address=" + address, "--trusted-proxies=127.0.0.1",
		"--session-key-secret=" + testenv.SystemNamespace + "/" + sessionKeysName,
	}
	g := &gateProcess{address: address}
	if secure == nil {
		args = append(args, "--insecure-http")
	} else {
		args = append(args, "--tls-cert-file="+secure.certFile, "--tls-key-file="+secure.keyFile)
		g.secure = secure.trust
	}
	w.Printf("starting rollcall gate (%s)", name)
	g.Process, g.started, err = w.Run(ctx, w.asDeployed, "gate.log", "gate", args...)
	if err != nil && g.Process != nil {
		err = errors.Join(err, g.Stop())
	}
	return g, err
}

// logIn logs in the members that load is about, and keeps their session cookies.
func (w *gateBench) logIn(ctx context.Context, g *gateProcess) error {
	b := testenv.NewBrowser("http://" + g.address)
	defer b.Client.CloseIdleConnections()
	w.Printf("logging in %d members", len(w.asked))
	for _, who := range w.asked {
		clear(b.Cookies)
		status, err := b.LogIn(ctx, "/login/"+setup.Namespace, who.email, who.password)
		if err == nil && (status != http.StatusSeeOther || b.Cookies[sessionCookie] == "") {
			err = fmt.Errorf("the answer is %d %s, and not a redirect with the cookie %s", status, http.StatusText(status), sessionCookie)
		}
		if err != nil {
			return fmt.Errorf("logging in %s: %w", who.name, err)
		}
		w.sessions = append(w.sessions, b.Cookies[sessionCookie])
	}
	return nil
}

// measurePlain measures the gate over plain HTTP: throughput, memory and cut-offs.
func (w *gateBench) measurePlain(ctx context.Context) (err error) {
	g, err := w.startGate(ctx, "HTTP", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Stop()) }()
	m := &w.report.Memory
	m.SecondsToReady = g.started.Seconds()
	for _, step := range []struct {
		measure func(context.Context, *gateProcess) error
		memory  *usage.Memory // before it
	}{{w.logIn, &m.Ready}, {w.measureGate, nil}, {w.measureCutOffs, &m.Loaded}} {
		if step.memory != nil {
			if *step.memory, err = usage.MemoryOf(g.Pid()); err != nil {
				return err
			}
		}
		if err := step.measure(ctx, g); err != nil {
			return err
		}
	}
	m.CutOff, err = usage.MemoryOf(g.Pid())
	return err
}

// measureTLS measures the throughput of the gate over TLS, as config/gate runs it.
func (w *gateBench) measureTLS(ctx context.Context) (err error) {
	made, err := newCertificate(w.Dir)
	if err != nil {
		return err
	}
	g, err := w.startGate(ctx, "TLS", made)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.Stop()) }()
	return w.measureGate(ctx, g)
}

// measureGate measures the throughput of a gate with cookies and with Basic.
func (w *gateBench) measureGate(ctx context.Context, g *gateProcess) error {
	name := "rollcall gate, HTTP"
	if g.secure != nil {
		name = "rollcall gate, TLS"
	}
	cookies, basics := server{Question: "session cookie"}, server{Question: "Basic"}
	for i, who := range w.asked[:w.report.Asked] {
		cookies.requests = append(cookies.requests, w.cookieRequest(i))
		basics.requests = append(basics.requests, basicRequest(verifyPath, who))
	}
	for _, target := range []server{cookies, basics} {
		target.Name, target.pid, target.address, target.secure = name, g.Pid(), g.address, g.secure
		if err := w.measure(ctx, target); err != nil {
			return err
		}
	}
	return nil
}

// measureNginx measures nginx's auth_basic for the same members.
func (w *gateBench) measureNginx(ctx context.Context) (err error) {
	dir := filepath.Join(w.Dir, "nginx")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	n, err := startNginx(ctx, w.nginxPath, dir, w.htpasswd())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	for _, file := range []struct {
		name, question string
		asked          []person
	}{
		{"one", "Basic, file of one user, {SHA}", w.asked[:1]},
		{"sha", "Basic, file of all, {SHA}", w.asked[:w.report.Asked]},
		{"apr1", "Basic, file of all, apr1", w.asked[:w.report.Asked]},
	} {
		target := server{Name: "nginx auth_basic", Question: file.question, pid: n.Pid(), address: n.address}
		for _, who := range file.asked {
			target.requests = append(target.requests, basicRequest("/"+file.name+"/empty", who))
		}
		if err := w.measure(ctx, target); err != nil {
			return err
		}
	}
	return nil
}

// cookieRequest asks the gate about a session.
func (w *gateBench) cookieRequest(i int) []byte {
	return load.Request(verifyPath, "Cookie", sessionCookie+"="+w.sessions[i])
}

// basicRequest asks with a member's e-mail address and password.
func basicRequest(path string, who person) []byte {
	return load.Request(path, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(who.email+":"+who.password)))
}
