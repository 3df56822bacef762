package testenv

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/internal/gateserver"
	"rollcall.dev/rollcall/test/controlplane"
)

// Gate is a login gate in this process.
type Gate struct {
	// URL is where it answers.
	URL string
	// Audit is its audit log.
	Audit *LogBuffer
	// Pool has the authority of its certificate.
	Pool *x509.CertPool
	// Ahead is how far its clock is ahead of the machine's, in nanoseconds.
	Ahead atomic.Int64
	// Options holds its settings; a change applies at the next Start.
	Options gateserver.Options
	// Stop stops it.
	Stop func()

	environment *Environment
	folder      string // with tls.crt and tls.key
}

// NewGate prepares a login gate for the namespace, which takes its session keys from
// a Secret.
func (e *Environment) NewGate(sessionKeys types.NamespacedName) *Gate {
	e.Helper()
	address, err := controlplane.FreeAddress(e.Context())
	if err != nil {
		e.Fatal(err)
	}
	g := &Gate{environment: e, Audit: &LogBuffer{}, folder: e.TempDir(), URL: "https://" + address}
	g.WriteCertificate("first.example.com")
	g.Options = gateserver.Options{
		BindAddress: address,
		TLSCertFile: filepath.Join(g.folder, "tls.crt"), TLSKeyFile: filepath.Join(g.folder, "tls.key"),
		Namespaces: []string{e.Namespace}, SessionKeySecret: sessionKeys,
		MetricsBindAddress: "0", HealthProbeBindAddress: "0",
		Logger: zap.New(zap.WriteTo(e.OperatorLog)), Audit: g.Audit,
		Now:    func() time.Time { return time.Now().Add(time.Duration(g.Ahead.Load())) }, //nolint:forbidigo // the machine's clock, but ahead
		Random: rand.Reader, SeveralInProcess: true,
	}
	return g
}

// Start runs the gate with the permissions of an account, until the test ends or Stop
// is called.
func (g *Gate) Start(account *rest.Config) {
	g.environment.Helper()
	g.Stop = g.environment.run("gate", func(context.Context) (runner, error) {
		return gateserver.New(account, g.Options)
	})
}

// WriteCertificate writes a new certificate for 127.0.0.1 and a name.
func (g *Gate) WriteCertificate(name string) {
	e := g.environment
	e.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(name, []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		e.Fatal(err)
	}
	g.Pool = x509.NewCertPool()
	g.Pool.AppendCertsFromPEM(certificate)
	for file, text := range map[string][]byte{"tls.key": key, "tls.crt": certificate} {
		if err := os.WriteFile(filepath.Join(g.folder, file), text, 0o600); err != nil {
			e.Fatal(err)
		}
	}
}
