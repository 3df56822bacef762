package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"rollcall.dev/rollcall/test/bench/setup"
	"rollcall.dev/rollcall/test/controlplane"
)

// nginxConfig is one worker that protects an empty file by auth_basic, with one
// location for each htpasswd file.
const nginxConfig = `daemon off;
%[1]s
worker_processes 1;
pid %[2]s/nginx.pid;
error_log %[2]s/error.log warn;
events { worker_connections 1024; }
http {
    access_log %[2]s/access.log;
    client_body_temp_path %[2]s/temporary;
    proxy_temp_path %[2]s/temporary;
    fastcgi_temp_path %[2]s/temporary;
    uwsgi_temp_path %[2]s/temporary;
    scgi_temp_path %[2]s/temporary;
    default_type text/plain;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    server {
        listen %[3]s;
        location = /ready { return 200; }
%[4]s    }
}
`

const nginxLocation = `        location /%[1]s/ {
            auth_basic benchmark;
            auth_basic_user_file %[2]s/%[1]s.htpasswd;
            alias %[2]s/site/;
        }
`

// findNginx finds nginx.
func findNginx() (string, error) {
	// Debian keeps it where only root looks.
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("there is no nginx to compare with: install the Debian package nginx (apt-get install nginx)")
}

// nginxProcess is nginx.
type nginxProcess struct {
	*controlplane.Process

	address string
}

// startNginx starts nginx in a folder, with a location /name/empty for each htpasswd
// file, and returns when it answers.
func startNginx(ctx context.Context, path, dir string, files map[string]string) (*nginxProcess, error) {
	site := filepath.Join(dir, "site")
	if err := os.MkdirAll(site, 0o700); err != nil {
		return nil, err
	}
	address, err := controlplane.FreeAddress(ctx)
	if err != nil {
		return nil, err
	}
	locations := strings.Builder{}
	texts := map[string][]byte{filepath.Join(site, "empty"): nil}
	for name, text := range files {
		fmt.Fprintf(&locations, nginxLocation, name, dir)
		texts[filepath.Join(dir, name+".htpasswd")] = []byte(text)
	}
	owner := ""
	if os.Geteuid() == 0 {
		// No other user may read the folder. Only root's nginx changes its user, and
		// others warn of it.
		owner = "user root;"
	}
	config := filepath.Join(dir, "nginx.conf")
	texts[config] = fmt.Appendf(nil, nginxConfig, owner, dir, address, locations.String())
	for path, text := range texts {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			return nil, err
		}
	}
	n := &nginxProcess{address: address}
	n.Process, err = controlplane.StartProcessWith(ctx, controlplane.ProcessOptions{
		Stdout: io.Discard, Log: filepath.Join(dir, "nginx.log"), Patience: setup.StopPatience,
	}, path, "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	if err != nil {
		return nil, err
	}
	if err := n.AwaitReady(ctx, "http://"+address+"/ready", setup.ReadyTimeout); err != nil {
		return nil, errors.Join(err, n.stop())
	}
	return n, nil
}

// stop stops nginx, and kills what it has left of its children.
func (n *nginxProcess) stop() error {
	err := n.Stop()
	if killErr := syscall.Kill(-n.Pid(), syscall.SIGKILL); killErr != nil && !errors.Is(killErr, syscall.ESRCH) {
		err = errors.Join(err, killErr)
	}
	return err
}

// nginxVersion is what nginx says of itself.
func nginxVersion(ctx context.Context, path string) string {
	output, err := exec.CommandContext(ctx, path, "-v").CombinedOutput()
	if err != nil {
		return "nginx"
	}
	return strings.TrimSpace(strings.TrimPrefix(string(output), "nginx version: "))
}
