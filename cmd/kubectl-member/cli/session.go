package cli

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
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
)

// FieldManager is whom every change is written as. Flux takes away what a manager
// whose name begins with kubectl has written.
const FieldManager = "rollcall-cli"

// Session is what all verbs share: where they read and write, and the cluster.
type Session struct {
	genericiooptions.IOStreams

	// ConfigFlags are kubectl's own: --context, --namespace, --as and so on.
	ConfigFlags *genericclioptions.ConfigFlags
	// ConnectionFlags are these flags as they stand on the command line.
	ConnectionFlags *pflag.FlagSet
	// Now is the clock.
	Now func() time.Time
	// StuckGrace is how long --wait still waits when nobody is left but those whom time
	// alone does not help. Objects of a moment ago may not have been seen yet.
	StuckGrace time.Duration
	// CanAsk is whether a person can be asked: the question goes to ErrOut, and the answer
	// comes from In, and both are a terminal.
	CanAsk bool
	// QuestionHidden is whether a person would not see the question: In alone is a terminal.
	QuestionHidden bool
	// Colors is whether the output may have colours.
	Colors bool
	// ShowsProgress is whether progress can be shown on ErrOut, a terminal.
	ShowsProgress bool
}

// NewSession makes a session that finds out by itself whether it is on a terminal.
func NewSession(streams genericiooptions.IOStreams, now func() time.Time) *Session {
	const giveUpAfter = 5 * time.Second
	answers, shows := IsTerminal(streams.In), IsTerminal(streams.ErrOut)
	return &Session{
		IOStreams:   streams,
		ConfigFlags: genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().WithDiscoveryBurst(300).WithDiscoveryQPS(50),
		Now:         now, StuckGrace: giveUpAfter,
		CanAsk:         answers && shows,
		QuestionHidden: answers && !shows,
		Colors:         IsTerminal(streams.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		ShowsProgress:  shows,
	}
}

// IsTerminal is whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Say writes to a stream of the user's.
func Say(to io.Writer, format string, arguments ...any) {
	// Nobody is left to tell if this fails.
	_, _ = fmt.Fprintf(to, format, arguments...) //nolint:errcheck // as said above
}

// Connect makes a client for the cluster that the flags name, and says which
// namespace they mean.
func (s *Session) Connect() (cluster client.WithWatch, namespace string, err error) {
	if namespace, _, err = s.ConfigFlags.ToRawKubeConfigLoader().Namespace(); err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	config, err := s.ConfigFlags.ToRESTConfig()
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

// ConnectionArguments is the connection flags that were given, for commands to copy.
func (s *Session) ConnectionArguments() string {
	var flags strings.Builder
	for _, name := range repeatedFlags {
		flag := s.ConnectionFlags.Lookup(name)
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
				fmt.Fprintf(&flags, " --%s %s", name, humanize.ShellQuote(value))
			}
		}
	}
	return flags.String()
}
