package smtptest

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
)

// TLSFault is how TLS fails: after STARTTLS, or at once with Implicit.
type TLSFault int

const (
	// TLSWorks is TLS without a fault.
	TLSWorks TLSFault = iota
	// TLSGarbage answers the client's first record with something that is not TLS.
	TLSGarbage
	// TLSCut cuts the connection after the client's first record.
	TLSCut
	// TLSOtherHost shows a certificate for another host's name.
	TLSOtherHost
	// TLSExpired shows an expired certificate.
	TLSExpired
	// TLSOtherAuthority shows a certificate of an authority other than CAPEM's.
	TLSOtherAuthority
)

var errHandshakeFault = errors.New("the handshake fails, as the faults demand")

// tlsConfig returns a configuration that applies the faults at each handshake.
func (s *Server) tlsConfig(certificates map[TLSFault]*tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			switch faults, _ := s.currentFaults(); faults.TLS {
			case TLSGarbage:
				if _, err := io.WriteString(hello.Conn, "220 this is not TLS\r\n"); err != nil {
					return nil, err
				}
				return nil, errHandshakeFault
			case TLSCut:
				reset(undermost(hello.Conn))
				return nil, errHandshakeFault
			default:
				return nil, nil //nolint:nilnil // for crypto/tls, this means the same configuration
			}
		},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			faults, _ := s.currentFaults()
			return certificates[faults.TLS], nil
		},
	}
}

// undermost returns the network connection below those of this package.
func undermost(conn net.Conn) net.Conn {
	switch c := conn.(type) {
	case *faultConn:
		return c.raw
	case *quietConn:
		return c.Conn
	default:
		return conn
	}
}
