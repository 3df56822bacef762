package main

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

const (
	// mostAsked is how many members requests are about, besides those cut off.
	mostAsked = 1000
	// verifyPath is the question to the gate.
	verifyPath = "/verify/" + deskNamespace + "/workbench"
)

// ask chooses the members that load is about.
func (w *gateBench) ask() {
	count := min(mostAsked, len(w.members)-w.cutoffs) + w.cutoffs
	for i := range count {
		w.asked = append(w.asked, w.members[i*len(w.members)/count])
	}
}

// measurePlain measures the gate over plain HTTP: throughput, memory and cut-offs.
func (w *gateBench) measurePlain(ctx context.Context, report *gateReport) (err error) {
	g, err := w.startGate(ctx, "HTTP", nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	w.ask()
	report.Memory.SecondsToReady = g.started.Seconds()
	if report.Memory.Ready, err = memoryOf(g.Pid()); err != nil {
		return err
	}
	if err := w.logIn(ctx, g); err != nil {
		return err
	}
	if err := w.measureGate(ctx, g, "rollcall gate, HTTP", report); err != nil {
		return err
	}
	if report.Memory.Loaded, err = memoryOf(g.Pid()); err != nil {
		return err
	}
	if report.CutOffs, err = w.measureCutOffs(ctx, g); err != nil {
		return err
	}
	report.Memory.CutOff, err = memoryOf(g.Pid())
	return err
}

// measureTLS measures the throughput of the gate over TLS, as config/gate runs it.
func (w *gateBench) measureTLS(ctx context.Context, report *gateReport) (err error) {
	made, err := newCertificate(w.dir, w.now(), w.random)
	if err != nil {
		return err
	}
	g, err := w.startGate(ctx, "TLS", made)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	return w.measureGate(ctx, g, "rollcall gate, TLS", report)
}

// measureGate measures the throughput of a gate with cookies and with Basic.
func (w *gateBench) measureGate(ctx context.Context, g *gateProcess, name string, report *gateReport) error {
	count := len(w.asked) - w.cutoffs
	cookies, basics := make([][]byte, count), make([][]byte, count)
	for i := range count {
		cookies[i], basics[i] = w.cookieRequest(i), basicRequest(verifyPath, w.asked[i])
	}
	for _, target := range []server{
		{Question: "session cookie", requests: cookies},
		{Question: "Basic", requests: basics},
	} {
		target.Name, target.pid, target.address, target.secure = name, g.Pid(), g.address, g.secure
		measured, err := w.measure(ctx, target, w.duration)
		if err != nil {
			return err
		}
		report.Throughput = append(report.Throughput, measured)
	}
	return nil
}

// measureNginx measures nginx's auth_basic for the same members.
func (w *gateBench) measureNginx(ctx context.Context, report *gateReport) (err error) {
	dir := filepath.Join(w.dir, "nginx")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	n, err := startNginx(ctx, w.nginxPath, dir, w.htpasswd())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.stop()) }()
	count := len(w.asked) - w.cutoffs
	for _, file := range []struct {
		name, question string
		asked          []person
	}{
		{"one", "Basic, file of one user, {SHA}", w.asked[:1]},
		{"sha", "Basic, file of all, {SHA}", w.asked[:count]},
		{"apr1", "Basic, file of all, apr1", w.asked[:count]},
	} {
		target := server{Name: "nginx auth_basic", Question: file.question, pid: n.Pid(), address: n.address}
		for _, who := range file.asked {
			target.requests = append(target.requests, basicRequest("/"+file.name+"/empty", who))
		}
		measured, err := w.measure(ctx, target, w.duration)
		if err != nil {
			return err
		}
		report.Throughput = append(report.Throughput, measured)
	}
	return nil
}

// htpasswd makes the htpasswd files: as `htpasswd -s` and as `htpasswd` make them, of
// all members, and one of a single member.
func (w *gateBench) htpasswd() map[string]string {
	asked := map[string]bool{}
	for _, who := range w.asked {
		asked[who.name] = true
	}
	var sha, apr1 strings.Builder
	for _, who := range w.members {
		// nginx reads the hashes of members without requests and does not look
		// at them, so that any will do.
		hash := "$apr1$benchmrk$......................"
		if asked[who.name] {
			hash = htpasswdAPR1(who.password, "benchmrk")
		}
		apr1.WriteString(who.email + ":" + hash + "\n")
		sha.WriteString(who.email + ":" + htpasswdSHA(who.password) + "\n")
	}
	one := w.asked[0].email + ":" + htpasswdSHA(w.asked[0].password) + "\n"
	return map[string]string{"sha": sha.String(), "apr1": apr1.String(), "one": one}
}

// cookieRequest asks the gate about a session.
func (w *gateBench) cookieRequest(i int) []byte {
	return request(verifyPath, "Cookie", sessionCookie+"="+w.sessions[i])
}

// basicRequest asks with a member's e-mail address and password.
func basicRequest(path string, who person) []byte {
	return request(path, "Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(who.email+":"+who.password)))
}
