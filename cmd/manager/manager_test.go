package manager_test

import (
	"strings"
	"testing"
	"time"

	"rollcall.dev/rollcall/cmd/manager"
)

func TestTheManagerRefusesInvalidFlags(t *testing.T) {
	for name, test := range map[string]struct {
		arguments []string
		want      string
	}{
		"no cluster":                {[]string{}, "--kubeconfig"},
		"a missing kubeconfig":      {[]string{"--kubeconfig", "does-not-exist"}, "does-not-exist"},
		"no Member concurrency":     {[]string{"--member-concurrency=0"}, "at least 1"},
		"no mail concurrency":       {[]string{"--mail-concurrency=-1"}, "at least 1"},
		"profiles on all networks":  {[]string{"--pprof-bind-address=:6060"}, "kubectl port-forward"},
		"profiles on a pod network": {[]string{"--pprof-bind-address=10.0.0.1:6060"}, "127.0.0.1:6060"},
		"profiles without a port":   {[]string{"--pprof-bind-address=127.0.0.1"}, "with a port"},
		"logs with passwords":       {[]string{"--zap-log-level=8"}, "passwords"},
		"an empty namespace":        {[]string{"--watch-namespaces=a,,b"}, "--watch-namespaces"},
		"an unknown argument":       {[]string{"everything"}, "everything"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", "")
			t.Setenv("KUBERNETES_SERVICE_HOST", "")
			command := manager.Command("manager", time.Now) //nolint:forbidigo // as main.go
			command.SetArgs(test.arguments)
			err := command.ExecuteContext(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}
