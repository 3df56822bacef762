// Package gate is the command `rollcall gate`, which runs the login gate.
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

// flagValues are the values of the flags of `rollcall gate`.
type flagValues struct {
	options                       gateserver.Options
	kubeconfig, sessionKeySecret  string
	trustedProxies                []string
	insecureHTTP, allowRemoteHTTP bool
	logging                       zap.Options
}

// Command returns the command that runs the login gate.
func Command(now func() time.Time) *cobra.Command {
	values := flagValues{
		options: gateserver.Options{Now: now, Random: rand.Reader},
		logging: zap.Options{TimeEncoder: zapcore.RFC3339TimeEncoder},
	}
	command := &cobra.Command{
		Use:   "gate",
		Short: "Run the login gate, which lets reverse proxies check the logins of members",
		Long: `Runs the login gate until it receives SIGTERM or SIGINT. Reverse proxies ask the
gate about each request: nginx (auth_request), Traefik (ForwardAuth), Caddy
(forward_auth), and Envoy (ext_authz). The gate also serves the login page, and
tells desktop applications which member is logged in. It answers from its own
watches of the cluster, so several replicas can run side by side.

The gate writes each decision as a line of JSON to standard output, and its log
to standard error.

The gate finds the cluster by --kubeconfig, by the environment variable
KUBECONFIG, or by the service account of its pod, in that order.`,
		Example: `  # In a pod, as in config/gate
  rollcall gate --tls-cert-file=/tls/tls.crt --tls-key-file=/tls/tls.key \
    --session-key-secret=rollcall-system/rollcall-gate-session-keys --trusted-proxies=10.0.0.0/8

  # On a workstation, for the contact center in one namespace
  rollcall gate --kubeconfig ~/.kube/config --namespaces=support-desk --insecure-http \
    --bind-address=127.0.0.1:8080 --session-key-secret=rollcall-system/rollcall-gate-session-keys`,
		Args:          cobra.NoArgs,
		SilenceUsage:  true,
		SilenceErrors: true,
		PreRunE:       func(*cobra.Command, []string) error { return values.check() },
		RunE: func(command *cobra.Command, _ []string) error {
			if err := flags.StartLogging(&values.logging); err != nil {
				return err
			}
			cluster, _, err := flags.FindCluster(values.kubeconfig)
			if err != nil {
				return err
			}
			values.options.Audit = command.OutOrStdout()
			mgr, err := gateserver.New(cluster, values.options)
			if err != nil {
				return err
			}
			return mgr.Start(command.Context())
		},
	}
	values.addTo(command.Flags())
	return command
}

// addTo adds the flags of the gate.
func (f *flagValues) addTo(set *pflag.FlagSet) {
	o := &f.options
	flags.AddKubeconfigFlag(set, &f.kubeconfig)
	set.StringVar(&o.BindAddress, "bind-address", ":8443", "`address` to serve proxies and browsers on")
	set.StringVar(&o.TLSCertFile, "tls-cert-file", "", "PEM `file` with the TLS certificate and its intermediate certificates; reloaded when it changes")
	set.StringVar(&o.TLSKeyFile, "tls-key-file", "", "PEM `file` with the private key of the certificate; reloaded when it changes")
	set.BoolVar(&f.insecureHTTP, "insecure-http", false, "serve plain HTTP instead of HTTPS; requires a loopback --bind-address, because requests contain passwords")
	set.BoolVar(&f.allowRemoteHTTP, "allow-remote-http", false, "allow --insecure-http on other addresses too, where a service mesh or a similar layer encrypts the traffic")
	set.StringSliceVar(&o.Namespaces, "namespaces", nil, "`namespaces` of the contact centers to serve, separated by commas; empty for all")
	set.StringVar(&f.sessionKeySecret, "session-key-secret", "", "Secret with the session keys, as `namespace/name`, the same for all replicas; the operator creates it")
	set.StringSliceVar(&f.trustedProxies, "trusted-proxies", nil, "`addresses` or networks (CIDR) of the proxies whose X-Forwarded-For is trusted, separated by commas; empty for none")
	set.StringVar(&o.MetricsBindAddress, "metrics-bind-address", "0", "`address` to serve metrics on, over HTTPS, to clients that the API server authorizes; 0 disables metrics")
	flags.AddProbeFlag(set, &o.HealthProbeBindAddress)
	flags.AddLogFlags(set, &f.logging)
}

// check returns an error if the gate cannot or should not run with the flags.
func (f *flagValues) check() (err error) {
	if err := flags.TrimNamespaces("--namespaces", f.options.Namespaces); err != nil {
		return err
	}
	if f.sessionKeySecret == "" {
		return errors.New("--session-key-secret is missing: set it to the namespace/name in --session-key-secret of the operator, which creates the Secret")
	}
	if f.options.SessionKeySecret, err = flags.ParseSecretName(f.sessionKeySecret); err != nil {
		return err
	}
	if f.options.TrustedProxies, err = parseProxies(f.trustedProxies); err != nil {
		return err
	}
	return f.checkTransport()
}

// checkTransport returns an error if the gate would serve plain HTTP by accident.
func (f *flagValues) checkTransport() error {
	certificate, key := f.options.TLSCertFile != "", f.options.TLSKeyFile != ""
	switch {
	case certificate != key:
		return errors.New("--tls-cert-file and --tls-key-file belong together: set both")
	case certificate && f.insecureHTTP:
		return errors.New("--insecure-http and --tls-cert-file exclude each other: remove one")
	case !certificate && !f.insecureHTTP:
		return errors.New("there is no certificate: set --tls-cert-file and --tls-key-file, or --insecure-http for plain HTTP on a loopback address")
	case f.insecureHTTP && !f.allowRemoteHTTP && !isLoopback(f.options.BindAddress):
		return fmt.Errorf("--insecure-http would serve passwords unencrypted on --bind-address %s, which other machines can reach: "+
			"bind to 127.0.0.1, or set --allow-remote-http if another layer encrypts the traffic", f.options.BindAddress)
	default:
		return nil
	}
}

// isLoopback reports whether only this machine can reach an address to listen on.
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

// parseProxies parses addresses and networks.
func parseProxies(values []string) ([]netip.Prefix, error) {
	proxies := make([]netip.Prefix, 0, len(values))
	for _, text := range values {
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
