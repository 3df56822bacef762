package gate

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"os"
	"path/filepath"

	"k8s.io/client-go/util/cert"
)

// certificate is for 127.0.0.1, signed by itself.
type certificate struct {
	certFile, keyFile string
	// trust is for clients that know the certificate.
	trust *tls.Config
}

// newCertificate makes a certificate in a folder.
func newCertificate(dir string) (*certificate, error) {
	const host = "127.0.0.1"
	public, private, err := cert.GenerateSelfSignedCertKey(host, []net.IP{net.ParseIP(host)}, nil)
	if err != nil {
		return nil, err
	}
	known := x509.NewCertPool()
	known.AppendCertsFromPEM(public)
	c := &certificate{
		certFile: filepath.Join(dir, "gate.crt"), keyFile: filepath.Join(dir, "gate.key"),
		trust: &tls.Config{RootCAs: known, ServerName: host, MinVersion: tls.VersionTLS13},
	}
	return c, errors.Join(os.WriteFile(c.certFile, public, 0o600), os.WriteFile(c.keyFile, private, 0o600))
}
