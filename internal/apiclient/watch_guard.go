package apiclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
)

// WatchSilence is how long a watch may deliver neither an event nor a bookmark. After
// that it counts as dead, and the client lists and watches again. The API server sends a
// bookmark every minute, but the first one on a quiet watch only after two minutes.
// WatchSilence is shorter than directory.maxSilence, so that the gate stays ready while
// a dead watch is replaced.
const WatchSilence = 135 * time.Second

// errSilentWatch ends a watch. It must not look like a timeout, after which a client
// watches again but does not list: the gate relies on the list too.
var errSilentWatch = errors.New("the watch delivered neither an event nor a bookmark for too long: listing and watching again")

// GuardWatches makes a client end watches that are silent for too long. Otherwise a
// watch that a proxy, a load balancer, or the API server dropped is noticed only at its
// regular end, 5 to 10 minutes after its start, even if the connection is alive.
func GuardWatches(cluster *rest.Config, silence time.Duration) {
	cluster.Wrap(func(next http.RoundTripper) http.RoundTripper {
		return &watchGuard{next: next, silence: silence}
	})
}

// watchGuard is the http.RoundTripper of GuardWatches.
type watchGuard struct {
	next    http.RoundTripper
	silence time.Duration
}

// RoundTrip implements http.RoundTripper.
func (g *watchGuard) RoundTrip(request *http.Request) (*http.Response, error) {
	if watch := request.URL.Query().Get("watch"); watch != "true" && watch != "1" {
		return g.next.RoundTrip(request)
	}
	ctx, cancel := context.WithCancelCause(request.Context())
	timer := time.AfterFunc(g.silence, func() { cancel(errSilentWatch) })
	response, err := g.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		timer.Stop()
		cancel(nil)
		return nil, causeOf(ctx, err)
	}
	response.Body = &guardedBody{ReadCloser: response.Body, ctx: ctx, end: func() { timer.Stop(); cancel(nil) }, received: func() { timer.Reset(g.silence) }}
	return response, nil
}

// WrappedRoundTripper implements net.RoundTripperWrapper of apimachinery, which lets
// client-go find the transport that can cancel a request.
func (g *watchGuard) WrappedRoundTripper() http.RoundTripper { return g.next }

// guardedBody is the response body of a watch.
type guardedBody struct {
	io.ReadCloser

	ctx           context.Context //nolint:containedctx // the context of the request, for the cause of its end
	received, end func()
}

// Read implements io.Reader.
func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 && err == nil {
		b.received()
	}
	return n, causeOf(b.ctx, err)
}

// Close implements io.Closer.
func (b *guardedBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

// causeOf returns errSilentWatch if that ended a request, and err otherwise.
func causeOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errSilentWatch) {
		return errSilentWatch
	}
	return err
}
