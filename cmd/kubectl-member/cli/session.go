// Package cli holds what all verbs share: the streams and flags of one run, its
// exit codes, the confirmation question, and the progress bar.
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

// FieldManager is the field manager of all changes. Flux overwrites fields whose manager's name
// begins with kubectl.
const FieldManager = "rollcall-cli"

// Session holds what all verbs share: streams, connection flags, and the clock.
type Session struct {
	genericiooptions.IOStreams

	// ConfigFlags are kubectl's own flags, such as --context, --namespace, and --as.
	ConfigFlags *genericclioptions.ConfigFlags
	// ConnectionFlags are these flags as the command line sets them.
	ConnectionFlags *pflag.FlagSet
	Now             func() time.Time
	// StuckGrace is how long --wait goes on when all remaining members are stuck. The operator may
	// not have seen objects that were created a moment ago.
	StuckGrace time.Duration
	// ProgressEvery is the number of steps between two lines of progress where there is no terminal.
	ProgressEvery int
	// CanAsk reports whether questions can be asked: input and standard error are a terminal.
	CanAsk bool
	// QuestionHidden reports that input is a terminal and standard error is not.
	QuestionHidden bool
	// Colors reports whether the output may have colors.
	Colors bool
	// ShowsProgress reports whether standard error is a terminal.
	ShowsProgress bool
}

// NewSession returns a session that detects terminals.
func NewSession(streams genericiooptions.IOStreams, now func() time.Time) *Session {
	const giveUpAfter, progressEvery = 5 * time.Second, 1000
	answers, shows := IsTerminal(streams.In), IsTerminal(streams.ErrOut)
	return &Session{
		IOStreams:   streams,
		ConfigFlags: genericclioptions.NewConfigFlags(true).WithDeprecatedPasswordFlag().WithDiscoveryBurst(300).WithDiscoveryQPS(50),
		Now:         now, StuckGrace: giveUpAfter, ProgressEvery: progressEvery,
		CanAsk:         answers && shows,
		QuestionHidden: answers && !shows,
		Colors:         IsTerminal(streams.Out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb",
		ShowsProgress:  shows,
	}
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Say writes to a stream of the user.
func Say(to io.Writer, format string, arguments ...any) {
	// There is no stream left to report this on.
	_, _ = fmt.Fprintf(to, format, arguments...) //nolint:errcheck // as said above
}

// Connect returns a client for the cluster that the flags name, and the namespace.
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

// repeatedFlags are the connection flags that a printed command repeats: none with a secret, and
// none that needs one.
var repeatedFlags = []string{
	"kubeconfig", "context", "cluster", "user", "server", "tls-server-name", "certificate-authority", "insecure-skip-tls-verify",
	"request-timeout", "as", "as-uid", "as-group", "as-user-extra", "namespace",
}

// ConnectionArguments returns the connection flags that were given, for printed commands.
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
				// A separate value would be an argument of its own.
				fmt.Fprintf(&flags, " --%s=%s", name, value)
			default:
				fmt.Fprintf(&flags, " --%s %s", name, humanize.ShellQuote(value))
			}
		}
	}
	return flags.String()
}

// The colors of a terminal (ECMA-48, SGR), and how they end.
const (
	Red    = "\x1b[31m"
	Green  = "\x1b[32m"
	Yellow = "\x1b[33m"
	Bold   = "\x1b[1m"
	Reset  = "\x1b[0m"
)

// Paint returns a text in a color if the session has colors.
func (s *Session) Paint(color, text string) string {
	if !s.Colors || text == "" {
		return text
	}
	return color + text + Reset
}
