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

// Command makes the command that runs the operator. The clock is handed
// in; passwords come from the system's random number generator.
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
		Short: "Run the operator: passwords, mail, memberships and login states",
		Long: `Runs the operator until it gets SIGTERM or SIGINT. It then lets letters under
way finish and stops.

The cluster is found by --kubeconfig, the environment variable KUBECONFIG, or the
pod's own service account, in that order.`,
		Example: `  # in a pod, as config/manager has it
  rollcall manager --metrics-bind-address=:8443 --health-probe-bind-address=:8081

  # on a workstation, for the contact centre in one namespace, where the guards of
  # config/admission are not installed, or as the operator's service account
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
	command.Flags().StringVar(&sessionKeySecret, "session-key-secret", "", "namespace/name of the Secret with the login gate's session keys, which is made where it is absent; empty for none")
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

// addFlags adds the flags of the manager.
func addFlags(set *pflag.FlagSet, options *controllers.Options) {
	set.BoolVar(&options.LeaderElection, "leader-elect", true, "have one of several managers work at a time")
	set.StringVar(&options.LeaderElectionNamespace, "leader-election-namespace", "", "namespace of the Lease that the leader holds (default: the pod's, or the kubeconfig's)")
	set.StringVar(&options.MetricsBindAddress, "metrics-bind-address", ":8443", "address to serve metrics on, over HTTPS, to whom the API server lets; 0 for no metrics")
	flags.AddProbeFlag(set, &options.HealthProbeBindAddress)
	set.StringVar(&options.PprofBindAddress, "pprof-bind-address", "0", "loopback address to serve profiles on (net/http/pprof), such as 127.0.0.1:6060; 0 for none")
	set.StringSliceVar(&options.WatchNamespaces, "watch-namespaces", nil, "namespaces of the contact centres to serve, separated by commas; empty for all")
	set.IntVar(&options.MemberConcurrency, "member-concurrency", 8, "how many Members to reconcile at a time, at least 1")
	set.IntVar(&options.MailConcurrency, "mail-concurrency", 8, "how many letters to have under way at a time, at least 1; each contact centre may always have one")
	set.BoolVar(&options.RoleBindings, "role-bindings", true, "give members the permissions of their roles at the API server, in contact centres that have spec.identity; needs config/roles; false leaves the RoleBindings that are there as they are")
}

// checkOptions refuses what the manager cannot run with.
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

// checkPprofAddress refuses to show profiles to more than this machine: nobody is
// asked who they are, and a profile costs the operator time.
func checkPprofAddress(address string) error {
	if address == "0" || address == "" {
		return nil
	}
	host, _, err := net.SplitHostPort(address)
	if ip := net.ParseIP(host); err != nil || (host != "localhost" && (ip == nil || !ip.IsLoopback())) {
		return fmt.Errorf("--pprof-bind-address is %q: give a loopback address with a port, such as 127.0.0.1:6060, and reach it with kubectl port-forward", address)
	}
	return nil
}
