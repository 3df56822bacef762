package gate_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"rollcall.dev/rollcall/cmd/gate"
)

func TestTheGateRefusesInvalidAndUnsafeFlags(t *testing.T) {
	keys := "--session-key-secret=rollcall-system/keys"
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no session keys":                {[]string{"--insecure-http", "--bind-address=127.0.0.1:0"}, "--session-key-secret is missing"},
		"keys without a namespace":       {[]string{"--session-key-secret=keys"}, "write it as namespace/name"},
		"keys with too many parts":       {[]string{"--session-key-secret=a/b/c"}, "write it as namespace/name"},
		"no certificate":                 {[]string{keys}, "there is no certificate"},
		"a certificate without its key":  {[]string{keys, "--tls-cert-file=tls.crt"}, "set both"},
		"a key without its certificate":  {[]string{keys, "--tls-key-file=tls.key"}, "set both"},
		"a certificate and plain HTTP":   {[]string{keys, "--tls-cert-file=tls.crt", "--tls-key-file=tls.key", "--insecure-http"}, "exclude each other"},
		"a missing certificate file":     {[]string{keys, "--tls-cert-file=does-not-exist", "--tls-key-file=tls.key", "--kubeconfig=KUBECONFIG"}, "does-not-exist"},
		"HTTP on all addresses":          {[]string{keys, "--insecure-http"}, "--bind-address :8443, which other machines can reach"},
		"HTTP on any address":            {[]string{keys, "--insecure-http", "--bind-address=0.0.0.0:8080"}, "--allow-remote-http"},
		"HTTP on another machine's name": {[]string{keys, "--insecure-http", "--bind-address=localhost.example.com:8080"}, "--allow-remote-http"},
		"HTTP on an external address":    {[]string{keys, "--insecure-http", "--bind-address=192.0.2.1:8080"}, "--allow-remote-http"},
		"HTTP on IPv6":                   {[]string{keys, "--insecure-http", "--bind-address=[::]:8080"}, "--allow-remote-http"},
		"HTTP on an invalid address":     {[]string{keys, "--insecure-http", "--bind-address=8080"}, "--allow-remote-http"},
		"HTTP on this machine":           {[]string{keys, "--insecure-http", "--bind-address=127.0.0.1:8080"}, "no cluster"},
		"HTTP on this machine by IPv6":   {[]string{keys, "--insecure-http", "--bind-address=[::1]:8080"}, "no cluster"},
		"HTTP on this machine by name":   {[]string{keys, "--insecure-http", "--bind-address=localhost:8080"}, "no cluster"},
		"HTTP on all addresses, allowed": {[]string{keys, "--insecure-http", "--allow-remote-http"}, "no cluster"},
		"an invalid proxy":               {[]string{keys, "--insecure-http", "--allow-remote-http", "--trusted-proxies=10.0.0.1,nginx"}, `"nginx", which is neither an address nor a network`},
		"valid proxies":                  {[]string{keys, "--insecure-http", "--allow-remote-http", "--trusted-proxies=10.0.0.0/8, 2001:db8::1"}, "no cluster"},
		"a repeated namespace":           {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=a,b,a"}, `"a" twice`},
		"an invalid namespace":           {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=Desk/x"}, "which is not a valid namespace name"},
		"an empty namespace":             {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=a,,b"}, "--namespaces has an empty name"},
		"logs with passwords":            {[]string{keys, "--insecure-http", "--allow-remote-http", "--zap-log-level=8"}, "passwords"},
		"an unknown argument":            {[]string{"everything"}, "everything"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", "")
			t.Setenv("KUBERNETES_SERVICE_HOST", "")
			command := gate.Command(time.Now) //nolint:forbidigo // as main.go
			if strings.Contains(strings.Join(test.arguments, " "), "KUBECONFIG") {
				test.arguments[len(test.arguments)-1] = "--kubeconfig=" + kubeconfig(t)
			}
			command.SetArgs(test.arguments)
			err := command.ExecuteContext(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

// kubeconfig writes a kubeconfig and returns its path. No server listens at its address.
func kubeconfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"test": {Server: "https://127.0.0.1:1"}},
		Contexts:       map[string]*clientcmdapi.Context{"test": {Cluster: "test"}},
		CurrentContext: "test",
	}
	if err := clientcmd.WriteToFile(config, path); err != nil {
		t.Fatal(err)
	}
	return path
}
