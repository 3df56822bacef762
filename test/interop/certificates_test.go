//go:build interop

package interop

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// certificates are the files that the examples have in tls/: desk.crt and desk.key
// of the site, and gate-ca.crt; and gate.crt and gate.key of the gate.
type certificates struct {
	dir string
	// pool has the authority of the site's certificate.
	pool *x509.CertPool
	// deskKey is the SHA-256 of the site's public key, in base64: Chromium takes
	// certificates with that key, and no other unknown ones.
	deskKey string
}

// authority signs certificates.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newCertificates(dir string) (*certificates, error) {
	c := &certificates{dir: filepath.Join(dir, "tls"), pool: x509.NewCertPool()}
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return nil, err
	}
	// Two authorities, so that neither certificate passes for the other.
	site, err := newAuthority("Site")
	if err != nil {
		return nil, err
	}
	c.pool.AddCert(site.certificate)
	if c.deskKey, err = site.issue(c.dir, "desk", deskHost); err != nil {
		return nil, err
	}
	gates, err := newAuthority("Gate")
	if err != nil {
		return nil, err
	}
	if _, err := gates.issue(c.dir, "gate", gateName); err != nil {
		return nil, err
	}
	return c, errors.Join(
		writePEM(filepath.Join(c.dir, "gate-ca.crt"), "CERTIFICATE", gates.certificate.Raw),
		writePEM(filepath.Join(c.dir, "another-ca.crt"), "CERTIFICATE", site.certificate.Raw))
}

func newAuthority(name string) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := newTemplate(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(raw)
	return &authority{certificate: certificate, key: key}, err
}

// issue writes FILE.crt and FILE.key for a host, and returns the hash of its key.
func (a *authority) issue(dir, file, host string) (keyHash string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := newTemplate(host)
	template.DNSNames, template.ExtKeyUsage = []string{host}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	raw, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return "", err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(public)
	return base64.StdEncoding.EncodeToString(sum[:]), errors.Join(
		writePEM(filepath.Join(dir, file+".crt"), "CERTIFICATE", raw),
		writePEM(filepath.Join(dir, file+".key"), "PRIVATE KEY", private))
}

func newTemplate(name string) *x509.Certificate {
	now := time.Now() //nolint:forbidigo // the programs that check it have the real clock
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
}

func writePEM(file, kind string, raw []byte) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: raw}), 0o600)
}
