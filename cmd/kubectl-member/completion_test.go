package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func TestConnectionFlagsAreCompletedFromTheKubeconfig(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	const text = `{"contexts": [{"name": "paris", "context": {}}, {"name": "lyon", "context": {}}, {"name": "pau", "context": {}}],
		"clusters": [{"name": "prod", "cluster": {}}, {"name": "test", "cluster": {}}], "users": [{"name": "ana", "user": {}}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ flag, begun, want string }{
		{"--context", "p", "paris\npau\n:4\n"},
		{"--context", "", "lyon\nparis\npau\n:4\n"},
		{"--cluster", "t", "test\n:4\n"},
		{"--user", "", "ana\n:4\n"},
		{"--user", "ben", ":4\n"},
	} {
		var out bytes.Buffer
		s := cli.NewSession(genericiooptions.IOStreams{Out: &out, ErrOut: &bytes.Buffer{}}, time.Now) //nolint:forbidigo // it is not asked for the time
		code := run(t.Context(), s, []string{"__completeNoDesc", "list", "--kubeconfig", file, test.flag, test.begun})
		if code != cli.ExitDone || out.String() != test.want {
			t.Errorf("%s %q: exit code %d, got %q", test.flag, test.begun, code, out.String())
		}
	}
}
