package smtptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"time"
)

// newCertificates returns the self-signed certificate that a server shows for each
// fault, and in PEM those that clients trust: all except that of TLSOtherAuthority.
func newCertificates() (trusted []byte, shown map[TLSFault]*tls.Certificate, err error) {
	now := time.Now() //nolint:forbidigo // clients check certificates against the machine's clock
	type template struct {
		host     string
		ips      []net.IP
		notAfter time.Time
	}
	loopback := []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	valid := template{"localhost", loopback, now.AddDate(1, 0, 0)}
	var pems bytes.Buffer
	shown = map[TLSFault]*tls.Certificate{}
	for fault, t := range map[TLSFault]template{
		TLSWorks:          valid,
		TLSOtherHost:      {"mail.example.net", nil, valid.notAfter},
		TLSExpired:        {"localhost", loopback, now.Add(-time.Hour)},
		TLSOtherAuthority: valid,
	} {
		certificate := &x509.Certificate{
			Subject: pkix.Name{CommonName: t.host}, DNSNames: []string{t.host}, IPAddresses: t.ips,
			NotBefore: now.AddDate(0, 0, -2), NotAfter: t.notAfter,
			KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, nil, err
		}
		der, err := x509.CreateCertificate(rand.Reader, certificate, certificate, key.Public(), key)
		if err != nil {
			return nil, nil, err
		}
		shown[fault] = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
		if fault != TLSOtherAuthority {
			pems.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		}
	}
	return pems.Bytes(), shown, nil
}
