package smtptest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"testing"
)

func TestTLSFailsAndRecoversWithTheFaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault TLSFault
		is    func(error) bool
	}{
		"garbage":           {TLSGarbage, isError[tls.RecordHeaderError]},
		"another host":      {TLSOtherHost, isError[x509.HostnameError]},
		"expired":           {TLSExpired, isExpired},
		"another authority": {TLSOtherAuthority, isError[x509.UnknownAuthorityError]},
		"a cut":             {TLSCut, func(err error) bool { return err != nil }},
	} {
		for modeName, mode := range modes {
			if mode == None {
				continue
			}
			t.Run(name+" with "+modeName, func(t *testing.T) {
				t.Parallel()
				s := start(t, Options{TLS: mode})
				s.SetFaults(Faults{TLS: test.fault})
				err := send(t, s, nil)
				if !test.is(err) {
					t.Errorf("got %v", err)
				}
				if test.fault == TLSCut {
					wantCut(t, err)
				}
				if got := s.Attempts(); got != 0 {
					t.Errorf("%d attempts, want none", got)
				}
				s.SetFaults(Faults{})
				if err := send(t, s, nil); err != nil {
					t.Errorf("after the repair: %v", err)
				}
			})
		}
	}
}

func TestTLSFaultsDoNotAffectOpenConnections(t *testing.T) {
	t.Parallel()
	s := start(t, Options{TLS: StartTLS})
	client, err := dial(t, s)
	if err != nil {
		t.Fatal(err)
	}
	s.SetFaults(Faults{TLS: TLSGarbage})
	if err := deliver(client, nil); err != nil {
		t.Error(err)
	}
}

func isError[E error](err error) bool {
	_, found := errors.AsType[E](err)
	return found
}

func isExpired(err error) bool {
	invalid, found := errors.AsType[x509.CertificateInvalidError](err)
	return found && invalid.Reason == x509.Expired
}
