//go:build interop

package interop

import (
	"crypto/tls"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"

	"rollcall.dev/rollcall/test/controlplane"
)

// proxiedSite is a site behind a proxy that asks the gate.
type proxiedSite struct {
	*testing.T
	// proxy is the program, nginx or caddy.
	proxy string
	// address is where it serves the site, over HTTPS.
	address string
	site    *site
}

// neighbors says what a proxy is put between.
type neighbors struct {
	// gate is where the proxy asks.
	gate string
	// gateCA is the file of the authority that the gate's certificate has to be of.
	gateCA string
}

// behindEach runs a test behind each proxy.
func behindEach(t *testing.T, test func(s *proxiedSite)) {
	t.Helper()
	for _, proxy := range []string{"nginx", "caddy"} {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			startSuite(t)
			test(newProxiedSite(t, proxy, neighbors{gate: suite.gate.address, gateCA: "gate-ca.crt"}))
		})
	}
}

// newProxiedSite starts a proxy with the example configuration in front of a new site.
func newProxiedSite(t *testing.T, proxy string, a neighbors) *proxiedSite {
	t.Helper()
	s := &proxiedSite{T: t, proxy: proxy, site: newSite(t)}
	var err error
	if s.address, err = controlplane.FreeAddress(t.Context()); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	log, err := os.Create(filepath.Join(dir, "proxy.log"))
	if err != nil {
		t.Fatal(err)
	}
	start := map[string]func(*proxiedSite, string, neighbors) []string{"nginx": (*proxiedSite).nginx, "caddy": (*proxiedSite).caddy}[proxy]
	command := start(s, dir, a)
	process, err := controlplane.StartProcess(t.Context(), log, stopPatience, command[0], command[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := process.Stop(); err != nil {
			t.Errorf("stopping %s: %v", proxy, err)
		}
		if t.Failed() {
			t.Logf("what %s said:\n%s", proxy, readFile(t, log.Name()))
		}
		_ = log.Close()
	})
	s.eventually(proxy+" listens", func() error {
		if err := process.Exited(); err != nil {
			t.Fatalf("%v\n%s", err, readFile(t, log.Name()))
		}
		connection, err := s.connect()
		if err != nil {
			return err
		}
		return connection.Close()
	})
	return s
}

// connect opens a connection to the proxy.
func (s *proxiedSite) connect() (net.Conn, error) {
	dialer := tls.Dialer{Config: &tls.Config{RootCAs: suite.certs.pool, ServerName: deskHost}}
	return dialer.DialContext(s.Context(), "tcp", s.address)
}

// nginxMain is an nginx.conf such as distributions have, for a folder of its own.
const nginxMain = `worker_processes 1;
pid nginx.pid;
events {}
http {
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    include conf.d/*.conf;
}
`

// nginx prepares a folder as /etc/nginx is for the example, with files of its own
// for addresses only, and returns the command.
func (s *proxiedSite) nginx(dir string, a neighbors) []string {
	s.Helper()
	example := filepath.Join(suite.examples, "nginx")
	s.write(filepath.Join(dir, "nginx.conf"), nginxMain)
	s.link(filepath.Join(example, "desk.conf"), filepath.Join(dir, "conf.d", "desk.conf"))
	own := map[string]string{
		"upstreams.conf": fmt.Sprintf("upstream gate { server %s; keepalive 8; }\nupstream site { server %s; keepalive 8; }\n", a.gate, s.site.address()),
		"listen.conf":    fmt.Sprintf("listen %s ssl http2;\nssl_certificate rollcall/tls/desk.crt;\nssl_certificate_key rollcall/tls/desk.key;\n", s.address),
	}
	entries, err := os.ReadDir(filepath.Join(example, "rollcall"))
	if err != nil {
		s.Fatal(err)
	}
	for _, entry := range entries {
		file := filepath.Join(dir, "rollcall", entry.Name())
		if text, ok := own[entry.Name()]; ok {
			s.write(file, text)
		} else {
			s.link(filepath.Join(example, "rollcall", entry.Name()), file)
		}
	}
	s.tls(filepath.Join(dir, "rollcall", "tls"), a)
	directives := "daemon off;"
	if os.Geteuid() == 0 {
		// Otherwise nginx changes to a user who may not enter a test's folder.
		directives += " user root;"
	}
	return []string{suite.programs["nginx"], "-p", dir, "-c", "nginx.conf", "-e", "stderr", "-g", directives}
}

// caddy returns the command that runs the example, with what differs in the
// environment.
func (s *proxiedSite) caddy(dir string, a neighbors) []string {
	s.Helper()
	s.tls(filepath.Join(dir, "tls"), a)
	host, port, err := net.SplitHostPort(s.address)
	if err != nil {
		s.Fatal(err)
	}
	_, redirects, err := net.SplitHostPort(s.freeAddress())
	if err != nil {
		s.Fatal(err)
	}
	return []string{
		"env", "HOME=" + dir, "XDG_DATA_HOME=" + dir, "XDG_CONFIG_HOME=" + dir,
		"DESK_BIND=" + host, "DESK_HTTPS_PORT=" + port, "DESK_HTTP_PORT=" + redirects, "DESK_ADMIN=off",
		"DESK_TLS=" + filepath.Join(dir, "tls"), "GATE=" + a.gate, "SITE=" + s.site.address(),
		suite.programs["caddy"], "run", "--config", filepath.Join(suite.examples, "caddy", "Caddyfile"), "--adapter", "caddyfile",
	}
}

// tls puts the certificates where the example has them.
func (s *proxiedSite) tls(dir string, a neighbors) {
	s.Helper()
	for name, file := range map[string]string{"desk.crt": "desk.crt", "desk.key": "desk.key", "gate-ca.crt": a.gateCA} {
		s.link(filepath.Join(suite.certs.dir, file), filepath.Join(dir, name))
	}
}

func (s *proxiedSite) write(file, text string) {
	s.Helper()
	s.makeFolder(file)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.Fatal(err)
	}
}

func (s *proxiedSite) link(target, file string) {
	s.Helper()
	s.makeFolder(file)
	if err := os.Symlink(target, file); err != nil {
		s.Fatal(err)
	}
}

func (s *proxiedSite) makeFolder(file string) {
	s.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		s.Fatal(err)
	}
}

func readFile(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}
