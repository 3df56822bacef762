package gate

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.uber.org/zap/zapcore"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/cmd/internal/flags"
	"rollcall.dev/rollcall/internal/gateserver"
)

// options are the flags of `rollcall gate` as they are given.
type options struct {
	options                       gateserver.Options
	kubeconfig, sessionKeySecret  string
	trustedProxies                []string
	insecureHTTP, allowRemoteHTTP bool
	logging                       zap.Options
}

// Command makes the command that runs the login gate.
func Command(now func() time.Time) *cobra.Command {
	given := options{
		options: gateserver.Options{Now: now, Random: rand.Reader},
		logging: zap.Options{TimeEncoder: zapcore.RFC3339TimeEncoder},
	}
	command := &cobra.Command{
		Use:   "gate",
		Short: "Run the login gate: tell reverse proxies who may in",
		Long: `Runs the login gate until it gets SIGTERM or SIGINT. Reverse proxies ask it about
each request (nginx auth_request, Traefik ForwardAuth, Caddy forward_auth, Envoy
ext_authz), it has the login page, and it tells a desktop application who its user
is. It answers from what it watches in the cluster, so any number of them can run
side by side.

Each decision is a line of JSON on the standard output; everything else is logged
on the standard error.

The cluster is found by --kubeconfig, the environment variable KUBECONFIG, or the
pod's own service account, in that order.`,
		Example: `  # in a pod, as config/gate has it
  rollcall gate --tls-cert-file=/tls/tls.crt --tls-key-file=/tls/tls.key \
    --session-key-secret=rollcall-system/rollcall-gate-session-keys --trusted-proxies=10.0.0.0/8

  # on a workstation, for the contact centre in one namespace
  rollcall gate --kubeconfig ~/.kube/config --namespaces=support-desk --insecure-http \
    --bind-address=127.0.0.1:8080 --session-key-secret=rollcall-system/rollcall-gate-session-keys`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		PreRunE:       func(*cobra.Command, []string) error { return given.check() },
		RunE: func(command *cobra.Command, _ []string) error {
			if err := flags.StartLogging(&given.logging); err != nil {
				return err
			}
			cluster, _, err := flags.FindCluster(given.kubeconfig)
			if err != nil {
				return err
			}
			given.options.Audit = command.OutOrStdout()
			mgr, err := gateserver.New(cluster, given.options)
			if err != nil {
				return err
			}
			return mgr.Start(command.Context())
		},
	}
	given.addTo(command.Flags())
	return command
}

// addTo adds the flags of the gate.
func (f *options) addTo(set *pflag.FlagSet) {
	o := &f.options
	flags.AddKubeconfigFlag(set, &f.kubeconfig)
	set.StringVar(&o.BindAddress, "bind-address", ":8443", "address to answer proxies and browsers on")
	set.StringVar(&o.TLSCertFile, "tls-cert-file", "", "PEM file with the certificate to serve with, and those between it and the root; read again when it changes")
	set.StringVar(&o.TLSKeyFile, "tls-key-file", "", "PEM file with the private key of the certificate; read again when it changes")
	set.BoolVar(&f.insecureHTTP, "insecure-http", false, "serve plain HTTP in place of HTTPS; refused unless --bind-address is a loopback address, since passwords pass by")
	set.BoolVar(&f.allowRemoteHTTP, "allow-remote-http", false, "let --insecure-http serve other machines too, where something else encrypts the way, such as a service mesh")
	set.StringSliceVar(&o.Namespaces, "namespaces", nil, "namespaces of the contact centres to serve, separated by commas; empty for all")
	set.StringVar(&f.sessionKeySecret, "session-key-secret", "", "namespace/name of the Secret with the keys of sessions, the same for all replicas; the operator makes it")
	set.StringSliceVar(&f.trustedProxies, "trusted-proxies", nil, "addresses or networks (CIDR) of the proxies whose X-Forwarded-For is believed, separated by commas; empty for none")
	set.StringVar(&o.MetricsBindAddress, "metrics-bind-address", "0", "address to serve metrics on, over HTTPS, to whom the API server lets; 0 for no metrics")
	flags.AddProbeFlag(set, &o.HealthProbeBindAddress)
	flags.AddLogFlags(set, &f.logging)
}

// check refuses what the gate cannot run with, or should not.
func (f *options) check() (err error) {
	if err := flags.TrimNamespaces("--namespaces", f.options.Namespaces); err != nil {
		return err
	}
	if f.sessionKeySecret == "" {
		return errors.New("--session-key-secret is missing: give it the namespace/name of the Secret that the operator makes, by its own --session-key-secret")
	}
	if f.options.SessionKeySecret, err = flags.ParseSecretName(f.sessionKeySecret); err != nil {
		return err
	}
	if f.options.TrustedProxies, err = parseProxies(f.trustedProxies); err != nil {
		return err
	}
	return f.checkTransport()
}

// checkTransport refuses to serve in the clear by accident.
func (f *options) checkTransport() error {
	certificate, key := f.options.TLSCertFile != "", f.options.TLSKeyFile != ""
	switch {
	case certificate != key:
		return errors.New("--tls-cert-file and --tls-key-file belong together: give both")
	case certificate && f.insecureHTTP:
		return errors.New("--insecure-http and --tls-cert-file exclude one another: leave one out")
	case !certificate && !f.insecureHTTP:
		return errors.New("there is no certificate: give --tls-cert-file and --tls-key-file, or --insecure-http for plain HTTP on a loopback address")
	case f.insecureHTTP && !f.allowRemoteHTTP && !isLoopback(f.options.BindAddress):
		return fmt.Errorf("--insecure-http would send passwords in the clear to --bind-address %s, which other machines can reach: "+
			"bind to 127.0.0.1, or give --allow-remote-http too if something else encrypts the way", f.options.BindAddress)
	default:
		return nil
	}
}

// isLoopback is whether only this machine can reach an address to listen on.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// parseProxies reads addresses and networks.
func parseProxies(given []string) ([]netip.Prefix, error) {
	proxies := make([]netip.Prefix, 0, len(given))
	for _, text := range given {
		text = strings.TrimSpace(text)
		if address, err := netip.ParseAddr(text); err == nil {
			proxies = append(proxies, netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()))
			continue
		}
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxies has %q, which is neither an address nor a network: write it as 10.0.0.5 or 10.0.0.0/8", text)
		}
		proxies = append(proxies, network.Masked())
	}
	return proxies, nil
}
