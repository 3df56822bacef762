package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"golang.org/x/term"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
)

// fieldManager is whom every change is written as. Flux takes away what a manager
// whose name begins with kubectl has written.
const fieldManager = "rollcall-cli"

// session is what all verbs share: where they read and write, and the cluster.
type session struct {
	genericiooptions.IOStreams

	// flags are kubectl's own: --context, --namespace, --as and so on.
	flags *genericclioptions.ConfigFlags
	// given are these flags as they stand on the command line.
	given *pflag.FlagSet
	// now is the clock.
	now func() time.Time
	// giveUpAfter is how long --wait still waits when nobody is left but those whom time
	// alone does not help. Objects of a moment ago may not have been seen yet.
	giveUpAfter time.Duration
	// asks is whether a person can be asked: the question goes to ErrOut, and the answer
	// comes from In, and both are a terminal.
	asks bool
	// unseen is whether a person would not see the question: In alone is a terminal.
	unseen bool
	// colours is whether the output may have colours.
	colours bool
	// shows is whether progress can be shown on ErrOut, a terminal.
	shows bool
}

// newSession makes a session that finds out by itself whether it is on a terminal.
func newSession(streams genericiooptions.IOStreams, now func() time.Time) *session {
	const giveUpAfter = 5 * time.Second
	answers, shows := isTerminal(streams.In), isTerminal(streams.ErrOut)
	return &session{
		IOStreams: streams,
		flags:     genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().WithDiscoveryBurst(300).WithDiscoveryQPS(50),
		now:       now, giveUpAfter: giveUpAfter,
		asks:    answers && shows,
		unseen:  answers && !shows,
		colours: isTerminal(streams.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		shows:   shows,
	}
}

// isTerminal is whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// say writes to a stream of the user's.
func say(to io.Writer, format string, arguments ...any) {
	// Nobody is left to tell if this fails.
	_, _ = fmt.Fprintf(to, format, arguments...) //nolint:errcheck // as said above
}

// connect makes a client for the cluster that the flags name, and says which
// namespace they mean.
func (s *session) connect() (cluster client.WithWatch, namespace string, err error) {
	if namespace, _, err = s.flags.ToRawKubeConfigLoader().Namespace(); err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	config, err := s.flags.ToRESTConfig()
	if err != nil {
		return nil, "", fmt.Errorf("finding the cluster: %w", err)
	}
	// The API server protects itself (API Priority and Fairness).
	config.QPS = -1
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		return nil, "", err
	}
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, "", err
	}
	cluster, err = client.NewWithWatch(config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, "", fmt.Errorf("connecting to the cluster: %w", err)
	}
	return cluster, namespace, nil
}

// repeatedFlags are the connection flags that a command to copy repeats. Those with a
// secret are not among them, nor those that are of no use without one.
var repeatedFlags = []string{
	"kubeconfig", "context", "cluster", "user", "server", "tls-server-name", "certificate-authority", "insecure-skip-tls-verify",
	"request-timeout", "as", "as-uid", "as-group", "as-user-extra", "namespace",
}

// sameCluster is the connection flags that were given, for commands to copy.
func (s *session) sameCluster() string {
	var flags strings.Builder
	for _, name := range repeatedFlags {
		flag := s.given.Lookup(name)
		values := []string{flag.Value.String()}
		if several, ok := flag.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			switch {
			case !flag.Changed || value == "":
			case flag.Value.Type() == "bool":
				// A value of its own would be an argument.
				fmt.Fprintf(&flags, " --%s=%s", name, value)
			default:
				fmt.Fprintf(&flags, " --%s %s", name, quoted(value))
			}
		}
	}
	return flags.String()
}

// quoted is a word as a shell takes it (POSIX, section 2.2.2).
func quoted(word string) string {
	plain := func(sign rune) bool {
		return sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z' || sign >= '0' && sign <= '9' || strings.ContainsRune("-_./@:=,+", sign)
	}
	if word != "" && strings.TrimLeftFunc(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
