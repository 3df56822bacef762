// Package manager is the command `rollcall manager`, which runs the operator.
package manager

import (
	"crypto/rand"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/cmd/internal/flags"
	"rollcall.dev/rollcall/controllers"
	"rollcall.dev/rollcall/internal/mail"
)

// Command returns the command that runs the operator. The clock is an argument;
// passwords come from the system's random number generator.
func Command(use string, now func() time.Time) *cobra.Command {
	var kubeconfig, sessionKeySecret string
	options := controllers.Options{
		Now:    now,
		Random: rand.Reader,
		Jitter: mathrand.Float64,
		Dialer: mail.SMTPDialer{Timeouts: mail.DefaultTimeouts()},
	}
	logging := zap.Options{TimeEncoder: zapcore.RFC3339TimeEncoder}
	command := &cobra.Command{
		Use:   use,
		Short: "Run the operator, which manages passwords, e-mails, memberships, and logins",
		Long: `Runs the operator until it receives SIGTERM or SIGINT. It then finishes sending
the e-mails in progress and stops.

The operator finds the cluster by --kubeconfig, by the environment variable
KUBECONFIG, or by the service account of its pod, in that order.`,
		Example: `  # In a pod, as in config/manager
  rollcall manager --metrics-bind-address=:8443 --health-probe-bind-address=:8081

  # On a workstation, for the contact center in one namespace. With the policies of
  # config/admission installed, use the operator's service account.
  rollcall manager --kubeconfig ~/.kube/config --leader-elect=false --watch-namespaces=support-desk`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(command *cobra.Command, _ []string) error {
			if err := flags.StartLogging(&logging); err != nil {
				return err
			}
			cluster, namespace, err := flags.FindCluster(kubeconfig)
			if err != nil {
				return err
			}
			if options.LeaderElectionNamespace == "" {
				options.LeaderElectionNamespace = namespace
			}
			mgr, err := controllers.NewManager(command.Context(), cluster, options)
			if err != nil {
				return err
			}
			return mgr.Start(command.Context())
		},
	}
	flags.AddKubeconfigFlag(command.Flags(), &kubeconfig)
	addFlags(command.Flags(), &options)
	command.Flags().StringVar(&sessionKeySecret, "session-key-secret", "", "Secret with the session keys of the login gate, as `namespace/name`; the operator creates it; empty for no gate")
	flags.AddLogFlags(command.Flags(), &logging)
	command.PreRunE = func(*cobra.Command, []string) (err error) {
		if sessionKeySecret != "" {
			if options.SessionKeySecret, err = flags.ParseSecretName(sessionKeySecret); err != nil {
				return err
			}
		}
		return checkOptions(&options)
	}
	return command
}

// addFlags adds the flags that set a field of the options.
func addFlags(set *pflag.FlagSet, options *controllers.Options) {
	set.BoolVar(&options.LeaderElection, "leader-elect", true, "let only one of several managers work at a time")
	set.StringVar(&options.LeaderElectionNamespace, "leader-election-namespace", "", "`namespace` of the leader's Lease (default: that of the pod or of the kubeconfig)")
	set.StringVar(&options.MetricsBindAddress, "metrics-bind-address", ":8443", "`address` to serve metrics on, over HTTPS, to clients that the API server authorizes; 0 disables metrics")
	flags.AddProbeFlag(set, &options.HealthProbeBindAddress)
	set.StringVar(&options.PprofBindAddress, "pprof-bind-address", "0", "loopback `address` to serve net/http/pprof profiles on, such as 127.0.0.1:6060; 0 disables profiles")
	set.StringSliceVar(&options.WatchNamespaces, "watch-namespaces", nil, "`namespaces` of the contact centers to serve, separated by commas; empty for all")
	set.IntVar(&options.MemberConcurrency, "member-concurrency", 8, "how many Members to reconcile at a time, at least 1")
	set.IntVar(&options.MailConcurrency, "mail-concurrency", 8, "how many e-mails to send at a time, at least 1; each contact center may always send one")
	set.BoolVar(&options.RoleBindings, "role-bindings", true, "grant members the Kubernetes permissions of their roles, in contact centers with spec.identity; requires config/roles; false leaves existing RoleBindings as they are")
}

// checkOptions returns an error if the manager cannot run with the options.
func checkOptions(options *controllers.Options) error {
	if err := flags.TrimNamespaces("--watch-namespaces", options.WatchNamespaces); err != nil {
		return err
	}
	if options.MemberConcurrency < 1 || options.MailConcurrency < 1 {
		return fmt.Errorf("--member-concurrency is %d and --mail-concurrency is %d: both must be at least 1",
			options.MemberConcurrency, options.MailConcurrency)
	}
	return checkPprofAddress(options.PprofBindAddress)
}

// checkPprofAddress allows loopback addresses only: profiles are served without
// authentication, and taking one slows the operator down.
func checkPprofAddress(address string) error {
	if address == "0" || address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return fmt.Errorf("--pprof-bind-address is %q: use a loopback address with a port, such as 127.0.0.1:6060, and connect with kubectl port-forward", address)
	}
	return nil
}
