package main

import (
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
)

func TestPrintedCommandsHaveConnectionFlagsButNoSecret(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":             "",
		"--namespace=": "",
		"-n a -s b:1":  " --server b:1 --namespace a",
		"--as ana --as-uid 7 --as-group staff --as-group=system:authenticated --as-user-extra k=v": " --as ana --as-uid 7 --as-group staff --as-group system:authenticated --as-user-extra k=v",
		"--user eve --cluster prod --context c --kubeconfig /k":                                    " --kubeconfig /k --context c --cluster prod --user eve",
		"--insecure-skip-tls-verify --request-timeout 5s --tls-server-name k8s":                    " --tls-server-name k8s --insecure-skip-tls-verify=true --request-timeout 5s",
		"--certificate-authority it's":                                                             ` --certificate-authority 'it'\''s'`,
		"--token t --password p --username u --client-key k --client-certificate c -n desk":        " --namespace desk",
	} {
		s := cli.NewSession(genericiooptions.IOStreams{}, time.Now) //nolint:forbidigo // it is not asked for the time
		list, _, err := newRootCommand(s).Find([]string{"list"})
		if err != nil {
			t.Fatal(err)
		}
		if err := list.ParseFlags(strings.Fields(given)); err != nil {
			t.Fatal(err)
		}
		if got := s.ConnectionArguments(); got != want {
			t.Errorf("after %s: got %q", given, got)
		}
	}
}
