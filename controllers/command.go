package controllers

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap/zapcore"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/internal/mail"
)

// maxLogLevel is the most verbose level that is let through. Above it, client-go
// logs what it sends and gets, Secrets included.
const maxLogLevel = 5

// ManagerCommand makes the command that runs the operator. The clock is handed
// in; passwords come from the system's random number generator.
func ManagerCommand(use string, now func() time.Time) *cobra.Command {
	var kubeconfig, sessionKeySecret string
	options := ManagerOptions{
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
			if err := startLogging(&logging); err != nil {
				return err
			}
			cluster, namespace, err := findCluster(kubeconfig)
			if err != nil {
				return err
			}
			if options.LeaderElectionNamespace == "" {
				options.LeaderElectionNamespace = namespace
			}
			mgr, err := NewManager(command.Context(), cluster, options)
			if err != nil {
				return err
			}
			return mgr.Start(command.Context())
		},
	}
	addKubeconfigFlag(command.Flags(), &kubeconfig)
	addFlags(command.Flags(), &options)
	command.Flags().StringVar(&sessionKeySecret, "session-key-secret", "", "namespace/name of the Secret with the login gate's session keys, which is made where it is absent; empty for none")
	addLogFlags(command.Flags(), &logging)
	command.PreRunE = func(*cobra.Command, []string) (err error) {
		if sessionKeySecret != "" {
			if options.SessionKeySecret, err = parseSecretName(sessionKeySecret); err != nil {
				return err
			}
		}
		return checkOptions(&options)
	}
	return command
}

// startLogging has everything log as the flags say, and refuses to log passwords.
func startLogging(logging *zap.Options) error {
	if logging.Level != nil && logging.Level.Enabled(-maxLogLevel-1) {
		return fmt.Errorf("--zap-log-level is above %d: from 6 on, libraries log whole requests, with the passwords in them; use %d or less", maxLogLevel, maxLogLevel)
	}
	logger := zap.New(zap.UseFlagOptions(logging))
	ctrl.SetLogger(logger)
	klog.SetLogger(logger.WithName("client-go"))
	return nil
}

// addKubeconfigFlag adds the flag for the cluster.
func addKubeconfigFlag(flags *pflag.FlagSet, kubeconfig *string) {
	flags.StringVar(kubeconfig, "kubeconfig", "", "file with the address of and the credentials for the cluster")
}

// addProbeFlag adds the flag for the health probes.
func addProbeFlag(flags *pflag.FlagSet, address *string) {
	flags.StringVar(address, "health-probe-bind-address", ":8081", "address to serve /healthz and /readyz on; 0 for no probes")
}

// addFlags adds the flags of the manager.
func addFlags(flags *pflag.FlagSet, options *ManagerOptions) {
	flags.BoolVar(&options.LeaderElection, "leader-elect", true, "have one of several managers work at a time")
	flags.StringVar(&options.LeaderElectionNamespace, "leader-election-namespace", "", "namespace of the Lease that the leader holds (default: the pod's, or the kubeconfig's)")
	flags.StringVar(&options.MetricsBindAddress, "metrics-bind-address", ":8443", "address to serve metrics on, over HTTPS, to whom the API server lets; 0 for no metrics")
	addProbeFlag(flags, &options.HealthProbeBindAddress)
	flags.StringVar(&options.PprofBindAddress, "pprof-bind-address", "0", "loopback address to serve profiles on (net/http/pprof), such as 127.0.0.1:6060; 0 for none")
	flags.StringSliceVar(&options.WatchNamespaces, "watch-namespaces", nil, "namespaces of the contact centres to serve, separated by commas; empty for all")
	flags.IntVar(&options.MemberConcurrency, "member-concurrency", 8, "how many Members to reconcile at a time, at least 1")
	flags.IntVar(&options.MailConcurrency, "mail-concurrency", 8, "how many letters to have under way at a time, at least 1; each contact centre may always have one")
	flags.BoolVar(&options.RoleBindings, "role-bindings", true, "give members the permissions of their roles at the API server, in contact centres that have spec.identity; needs config/roles; false leaves the RoleBindings that are there as they are")
}

// addLogFlags adds the flags for what is logged.
func addLogFlags(flags *pflag.FlagSet, logging *zap.Options) {
	logFlags := flag.NewFlagSet("log", flag.ContinueOnError)
	logging.BindFlags(logFlags)
	logFlags.Lookup("zap-time-encoding").Usage = "how times are written (one of epoch, millis, nano, iso8601, rfc3339 or rfc3339nano; default rfc3339)"
	logFlags.Lookup("zap-log-level").Usage = fmt.Sprintf("how much is logged (one of debug, info, error, panic, or a number from 1 to %d; above it there would be passwords in the log)", maxLogLevel)
	flags.AddGoFlagSet(logFlags)
}

// checkOptions refuses what the manager cannot run with.
func checkOptions(options *ManagerOptions) error {
	if err := trimNamespaces("--watch-namespaces", options.WatchNamespaces); err != nil {
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

// trimNamespaces takes spaces off the names that a flag has, and refuses what are no
// names, and a name that is there twice.
func trimNamespaces(flag string, namespaces []string) error {
	for i, namespace := range namespaces {
		name := strings.TrimSpace(namespace)
		switch {
		case name == "":
			return fmt.Errorf("%s has an empty name: separate the names by single commas", flag)
		case len(validation.IsDNS1123Label(name)) > 0:
			return fmt.Errorf("%s has %q, which no namespace can be called: names have lower-case letters, digits and hyphens", flag, name)
		case slices.Contains(namespaces[:i], name):
			return fmt.Errorf("%s has %q twice: name each namespace once", flag, name)
		}
		namespaces[i] = name
	}
	return nil
}

// findCluster finds the cluster by flag, environment or pod. With a kubeconfig it
// also returns the namespace of its current context; a pod knows its own.
func findCluster(kubeconfig string) (cluster *rest.Config, namespace string, err error) {
	if kubeconfig == "" && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		cluster, err = rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, "", errors.New("no cluster: give --kubeconfig, set KUBECONFIG, or run in a pod")
		}
		return cluster, "", err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	found := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil)
	if cluster, err = found.ClientConfig(); err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if namespace, _, err = found.Namespace(); err != nil {
		return nil, "", fmt.Errorf("reading the namespace in the kubeconfig: %w", err)
	}
	return cluster, namespace, nil
}
