//go:build interop

package interop

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/controlplane"
)

// counter makes names and addresses that are unique.
var counter atomic.Uint32

// member is a member, as the test knows them.
type member struct {
	name, email, password string
}

// freeAddress is an address on loopback that is free.
func (s *proxiedSite) freeAddress() string {
	s.Helper()
	address, err := controlplane.FreeAddress(s.Context())
	if err != nil {
		s.Fatal(err)
	}
	return address
}

// eventually waits until a state is reached.
func (s *proxiedSite) eventually(what string, reached func() error) {
	s.Helper()
	var missing error
	err := wait.PollUntilContextTimeout(s.Context(), 10*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		missing = reached()
		return missing == nil, nil
	})
	if err != nil {
		s.Fatalf("%s: not within %s: %v", what, patience, missing)
	}
}

// addMember creates a member whose login the gate allows.
func (s *proxiedSite) addMember(name string, role v1alpha1.Role) *member {
	s.Helper()
	p := &member{name: fmt.Sprintf("%s-%s-%d", name, s.proxy, counter.Add(1))}
	p.email = p.name + "@example.com"
	member := &v1alpha1.Member{
		ObjectMeta: metav1.ObjectMeta{Namespace: deskNamespace, Name: p.name},
		Spec:       v1alpha1.MemberSpec{Email: p.email, Role: role},
	}
	if err := suite.cluster.Admin.Create(s.Context(), member); err != nil {
		s.Fatal(err)
	}
	s.awaitPassword(p)
	return p
}

// awaitPassword waits until the member has another password than the test knows,
// and the gate takes it.
func (s *proxiedSite) awaitPassword(p *member) {
	s.Helper()
	s.eventually(p.name+" has a password", func() error {
		secret := &corev1.Secret{}
		if err := suite.cluster.Admin.Get(s.Context(), client.ObjectKey{Namespace: deskNamespace, Name: p.name + "-credentials"}, secret); err != nil {
			return err
		}
		given := string(secret.Data[corev1.BasicAuthPasswordKey])
		if given == "" || given == p.password {
			return errors.New("there is no new one yet")
		}
		p.password = given
		return nil
	})
	s.awaitAnswer(p, http.StatusOK)
}

// awaitAnswer waits until the gate answers a member's right password with a status.
func (s *proxiedSite) awaitAnswer(p *member, status int) {
	s.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.gatePool(), ServerName: gateName}}
	defer transport.CloseIdleConnections()
	s.eventually(fmt.Sprintf("the gate answers %s with %d", p.name, status), func() error {
		request := s.request(http.MethodGet, "https://"+suite.gate.address+"/verify/"+deskNamespace+"/any", "")
		request.SetBasicAuth(p.email, p.password)
		// Each from an address of its own: failures must not lock the test out.
		number := counter.Add(1)
		request.Header.Set("X-Forwarded-For", fmt.Sprintf("198.18.%d.%d", number>>8&0xff, number&0xff))
		response, err := transport.RoundTrip(request)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if response.StatusCode != status {
			return errors.New(response.Status)
		}
		return nil
	})
}

// gatePool has the authority of the gate's certificate.
func (s *proxiedSite) gatePool() *x509.CertPool {
	s.Helper()
	text, err := os.ReadFile(filepath.Join(suite.certs.dir, "gate-ca.crt"))
	if err != nil {
		s.Fatal(err)
	}
	block, _ := pem.Decode(text)
	authority, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(authority)
	return pool
}

// patch changes a member as an administrator does.
func (s *proxiedSite) patch(p *member, spec string) {
	s.Helper()
	if _, err := suite.cluster.Kubectl(s.Context(), "", "--namespace="+deskNamespace, "patch", "member", p.name,
		"--field-manager="+controlplane.FieldManager, "--type=merge", "--patch={\"spec\":"+spec+"}"); err != nil {
		s.Fatal(err)
	}
}

// request is a request to a URL.
func (s *proxiedSite) request(method, url, body string) *http.Request {
	s.Helper()
	request, err := http.NewRequestWithContext(s.Context(), method, url, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	return request
}

// answer is what a client got.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request for a path of the site through the proxy, as a client at
// an address 127.0.0.x of its own does, which follows no redirects.
func (s *proxiedSite) send(method, path, body string, from net.IP, change func(*http.Request)) answer {
	s.Helper()
	transport := &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: suite.certs.pool},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: from}}
			return dialer.DialContext(ctx, network, s.address)
		},
	}
	defer transport.CloseIdleConnections()
	request := s.request(method, deskURL+path, body)
	change(request)
	response, err := transport.RoundTrip(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(text)}
}

// get asks for a path with a member's e-mail address and a password.
func (s *proxiedSite) get(path, email, password string) answer {
	s.Helper()
	return s.send(http.MethodGet, path, "", newAddress(), func(r *http.Request) { r.SetBasicAuth(email, password) })
}

// newAddress is a client's address that are unique.
func newAddress() net.IP {
	number := counter.Add(1)
	return net.IPv4(127, 1, byte(number>>8), byte(number))
}
