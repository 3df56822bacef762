package smtptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// authority is a certificate authority of this package only.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	pem         []byte
}

// newAuthority returns an authority that is valid from two days ago for a year.
func newAuthority(now time.Time) (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	a := &authority{key: key, certificate: &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Rollcall test authority"},
		NotBefore: now.AddDate(0, 0, -2), NotAfter: now.AddDate(1, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}}
	der, err := x509.CreateCertificate(rand.Reader, a.certificate, a.certificate, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return a, nil
}

// validity is the time in which a certificate is valid.
type validity struct{ from, to time.Time }

// issue returns a certificate for names and addresses.
func (a *authority) issue(valid validity, names []string, addresses []net.IP) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]},
		NotBefore: valid.from, NotAfter: valid.to,
		DNSNames: names, IPAddresses: addresses,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.certificate, &key.PublicKey, a.key)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// newCertificates returns an authority, and the certificate that a server shows for
// each fault. That of TLSWorks is valid for the loopback names.
func newCertificates() (caPEM []byte, shown map[TLSFault]*tls.Certificate, err error) {
	now := time.Now() //nolint:forbidigo // clients check certificates against the machine's clock
	known, err := newAuthority(now)
	if err != nil {
		return nil, nil, err
	}
	untrusted, err := newAuthority(now)
	if err != nil {
		return nil, nil, err
	}
	current := validity{now.Add(-time.Hour), now.AddDate(1, 0, 0)}
	past := validity{now.Add(-24 * time.Hour), now.Add(-time.Hour)}
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	shown = map[TLSFault]*tls.Certificate{}
	for _, c := range []struct {
		fault     TLSFault
		issuer    *authority
		valid     validity
		name      string
		addresses []net.IP
	}{
		{TLSWorks, known, current, "localhost", loopback},
		{TLSOtherHost, known, current, "mail.example.net", nil},
		{TLSExpired, known, past, "localhost", loopback},
		{TLSOtherAuthority, untrusted, current, "localhost", loopback},
	} {
		if shown[c.fault], err = c.issuer.issue(c.valid, []string{c.name}, c.addresses); err != nil {
			return nil, nil, err
		}
	}
	return known.pem, shown, nil
}
