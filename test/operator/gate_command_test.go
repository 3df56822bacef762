package operator

import (
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/controllers"
)

func TestTheGateRefusesWhatItCannotRunWithOrShouldNot(t *testing.T) {
	keys := "--session-key-secret=rollcall-system/keys"
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no session keys":                {[]string{"--insecure-http", "--bind-address=127.0.0.1:0"}, "--session-key-secret is missing"},
		"keys without a namespace":       {[]string{"--session-key-secret=keys"}, "write it as namespace/name"},
		"keys of too many parts":         {[]string{"--session-key-secret=a/b/c"}, "write it as namespace/name"},
		"no certificate":                 {[]string{keys}, "there is no certificate"},
		"a certificate without its key":  {[]string{keys, "--tls-cert-file=tls.crt"}, "give both"},
		"a key without its certificate":  {[]string{keys, "--tls-key-file=tls.key"}, "give both"},
		"a certificate and none":         {[]string{keys, "--tls-cert-file=tls.crt", "--tls-key-file=tls.key", "--insecure-http"}, "exclude one another"},
		"no such certificate":            {[]string{keys, "--tls-cert-file=does-not-exist", "--tls-key-file=tls.key", "--kubeconfig=KUBECONFIG"}, "does-not-exist"},
		"HTTP on all addresses":          {[]string{keys, "--insecure-http"}, "--bind-address :8443, which other machines can reach"},
		"HTTP on any address":            {[]string{keys, "--insecure-http", "--bind-address=0.0.0.0:8080"}, "--allow-remote-http"},
		"HTTP on another machine's name": {[]string{keys, "--insecure-http", "--bind-address=localhost.example.com:8080"}, "--allow-remote-http"},
		"HTTP on an address of its own":  {[]string{keys, "--insecure-http", "--bind-address=192.0.2.1:8080"}, "--allow-remote-http"},
		"HTTP on IPv6":                   {[]string{keys, "--insecure-http", "--bind-address=[::]:8080"}, "--allow-remote-http"},
		"HTTP on no address":             {[]string{keys, "--insecure-http", "--bind-address=8080"}, "--allow-remote-http"},
		"HTTP on this machine":           {[]string{keys, "--insecure-http", "--bind-address=127.0.0.1:8080"}, "no cluster"},
		"HTTP on this machine by IPv6":   {[]string{keys, "--insecure-http", "--bind-address=[::1]:8080"}, "no cluster"},
		"HTTP on this machine by name":   {[]string{keys, "--insecure-http", "--bind-address=localhost:8080"}, "no cluster"},
		"HTTP for all, on purpose":       {[]string{keys, "--insecure-http", "--allow-remote-http"}, "no cluster"},
		"a proxy that is no address":     {[]string{keys, "--insecure-http", "--allow-remote-http", "--trusted-proxies=10.0.0.1,nginx"}, `"nginx", which is neither an address nor a network`},
		"proxies":                        {[]string{keys, "--insecure-http", "--allow-remote-http", "--trusted-proxies=10.0.0.0/8, 2001:db8::1"}, "no cluster"},
		"a namespace twice":              {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=a,b,a"}, `"a" twice`},
		"what is no namespace":           {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=Desk/x"}, "which no namespace can be called"},
		"an empty namespace":             {[]string{keys, "--insecure-http", "--allow-remote-http", "--namespaces=a,,b"}, "--namespaces has an empty name"},
		"logs with whole bodies":         {[]string{keys, "--insecure-http", "--allow-remote-http", "--zap-log-level=8"}, "passwords"},
		"a stray argument":               {[]string{"everything"}, "everything"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", "")
			t.Setenv("KUBERNETES_SERVICE_HOST", "")
			command := controllers.GateCommand(time.Now) //nolint:forbidigo // as main.go
			if strings.Contains(strings.Join(test.arguments, " "), "KUBECONFIG") {
				test.arguments[len(test.arguments)-1] = "--kubeconfig=" + shared.Cluster(t).Kubeconfig
			}
			command.SetArgs(test.arguments)
			err := command.ExecuteContext(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("the error is %v, not one about %q", err, test.want)
			}
		})
	}
}
