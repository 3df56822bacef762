package operator

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"rollcall.dev/rollcall/internal/gateserver"
	"rollcall.dev/rollcall/test/controlplane"
)

// door is a login gate of a world.
type door struct {
	*world
	url     string
	audit   *logBuffer
	pool    *x509.CertPool
	cert    string       // the folder with tls.crt and tls.key
	shift   atomic.Int64 // how far the gate's clock is ahead, in nanoseconds
	stop    func()
	options gateserver.Options
}

// sessionKeys names the Secret with the session keys of a world.
func (w *world) sessionKeys() types.NamespacedName {
	return types.NamespacedName{Namespace: w.namespace, Name: "session-keys"}
}

// openGate starts a login gate for the world's namespace, with the permissions of
// its own ServiceAccount, and returns when it answers.
func (w *world) openGate() *door {
	w.Helper()
	address, err := controlplane.FreeAddress(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	d := &door{world: w, audit: &logBuffer{}, cert: w.TempDir(), url: "https://" + address}
	d.writeCertificate("first.example.com")
	d.options = gateserver.Options{
		BindAddress: address,
		TLSCertFile: filepath.Join(d.cert, "tls.crt"), TLSKeyFile: filepath.Join(d.cert, "tls.key"),
		Namespaces: []string{w.namespace}, SessionKeySecret: w.sessionKeys(),
		MetricsBindAddress: "0", HealthProbeBindAddress: "0",
		Logger: zap.New(zap.WriteTo(w.log)), Audit: d.audit,
		Now:    func() time.Time { return time.Now().Add(time.Duration(d.shift.Load())) }, //nolint:forbidigo // the real clock, but for the shift
		Random: rand.Reader, SeveralInProcess: true,
	}
	d.start(suite.gateAccount)
	return d
}

// start runs the gate with an account until the test ends or stop is called.
func (d *door) start(account *rest.Config) {
	d.Helper()
	mgr, err := gateserver.New(account, d.options)
	if err != nil {
		d.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(d.Context()))
	done := make(chan error, 1)
	go func() { done <- mgr.Start(ctx) }()
	d.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			d.Errorf("the gate stopped with %v; its log:\n%s", err, d.log)
		}
	})
	d.Cleanup(d.stop)
	d.eventually("the gate knows its members", func() error {
		answer := d.visitor().ask("any", nil)
		if answer.status == http.StatusUnauthorized {
			return nil
		}
		return fmt.Errorf("it answers %s", answer)
	})
}

// writeCertificate writes a new certificate for 127.0.0.1 and a name.
func (d *door) writeCertificate(name string) {
	d.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(name, []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		d.Fatal(err)
	}
	d.pool = x509.NewCertPool()
	d.pool.AppendCertsFromPEM(certificate)
	for file, text := range map[string][]byte{"tls.key": key, "tls.crt": certificate} {
		if err := os.WriteFile(filepath.Join(d.cert, file), text, 0o600); err != nil {
			d.Fatal(err)
		}
	}
}

// visitor is a browser, or a proxy that passes on what one sends.
type visitor struct {
	*door
	client *http.Client
}

// visitor is somebody who has not been here before.
func (d *door) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: d.pool, MinVersion: tls.VersionTLS12}}
	d.Cleanup(transport.CloseIdleConnections)
	return &visitor{door: d, client: &http.Client{
		Jar: jar, Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// at has the visitor go through another gate, with the cookies so far.
func (v *visitor) at(other *door) *visitor {
	moved := other.visitor()
	here, err := url.Parse(v.url)
	if err != nil {
		v.Fatal(err)
	}
	there, err := url.Parse(other.url)
	if err != nil {
		v.Fatal(err)
	}
	// What is one address outside is two here.
	cookies := v.client.Jar.Cookies(here)
	for _, cookie := range cookies {
		cookie.Secure, cookie.Path = true, "/"
	}
	moved.client.Jar.SetCookies(there, cookies)
	return moved
}

// answer is what the gate answers.
type answer struct {
	status int
	header http.Header
	body   string
}

// String is for the message of a test.
func (a answer) String() string {
	return fmt.Sprintf("%d (%s): %.200s", a.status, a.header.Get("X-Rollcall-Reason"), a.body)
}

// do sends a request.
func (v *visitor) do(method, path string, body io.Reader, set func(*http.Request)) answer {
	request, err := http.NewRequestWithContext(v.Context(), method, v.url+path, body)
	if err != nil {
		v.Fatal(err)
	}
	if set != nil {
		set(request)
	}
	response, err := v.client.Do(request)
	if err != nil {
		return answer{body: err.Error()}
	}
	text, err := io.ReadAll(response.Body)
	if err := response.Body.Close(); err != nil {
		v.Error(err)
	}
	if err != nil {
		v.Error(err)
	}
	return answer{status: response.StatusCode, header: response.Header, body: string(text)}
}

// ask asks by a policy.
func (v *visitor) ask(policy string, set func(*http.Request)) answer {
	return v.do(http.MethodGet, "/verify/"+v.namespace+"/"+policy, nil, set)
}

// askAs asks by the policy any, with HTTP Basic.
func (v *visitor) askAs(email, password string) answer {
	return v.ask("any", func(r *http.Request) { r.SetBasicAuth(email, password) })
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// logIn has ana fill in the login page and send it.
func (v *visitor) logIn(password string) answer {
	page := v.do(http.MethodGet, "/login/"+v.namespace, nil, nil)
	form := url.Values{"email": {"ana@example.com"}, "password": {password}}
	for _, field := range hiddenField.FindAllStringSubmatch(page.body, -1) {
		form.Set(field[1], field[2])
	}
	return v.do(http.MethodPost, "/login/"+v.namespace, bytes.NewBufferString(form.Encode()), func(r *http.Request) {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	})
}

// eventuallyAsked waits until a question is answered with a status and a reason.
func (d *door) eventuallyAsked(what string, status int, reason string, ask func() answer) {
	d.Helper()
	d.eventually(what, func() error { return got(ask(), status, reason) })
}

// want checks an answer.
func (d *door) want(what string, given answer, status int, reason string) {
	d.Helper()
	if err := got(given, status, reason); err != nil {
		d.Errorf("%s: %v", what, err)
	}
}

func got(given answer, status int, reason string) error {
	if given.status != status || reason != "" && given.header.Get("X-Rollcall-Reason") != reason {
		return fmt.Errorf("the gate answers %s, want %d (%s)", given, status, reason)
	}
	return nil
}
