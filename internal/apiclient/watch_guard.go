package apiclient

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"k8s.io/client-go/rest"
)

// WatchSilence is how long a watch may bring neither an event nor a bookmark before
// it is taken for dead, and everything is listed and watched anew. It must not look like
// a time-out, after which only the watch would go on: the list is also what the gate
// hears. The API server sends bookmarks once a minute, but the first one on a quiet watch
// only after two. It is shorter than directory.maxSilence, so that a gate whose watch has died
// hears of it without closing.
const WatchSilence = 135 * time.Second

// errSilentWatch ends a watch.
var errSilentWatch = errors.New("the watch has brought neither an event nor a bookmark for too long, and begins again")

// GuardWatches has a client give up watches that have been silent for a while.
// Without it, only the watch's own end, 5 to 10 minutes after its begin, would show
// that a proxy, a load balancer or the API server has forgotten it; that the
// connection is alive proves nothing.
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
	response.Body = &guardedBody{ReadCloser: response.Body, ctx: ctx, end: func() { timer.Stop(); cancel(nil) }, heard: func() { timer.Reset(g.silence) }}
	return response, nil
}

// WrappedRoundTripper implements net.RoundTripperWrapper of apimachinery, with which
// client-go finds what can cancel a request.
func (g *watchGuard) WrappedRoundTripper() http.RoundTripper { return g.next }

// guardedBody is what a watch brings.
type guardedBody struct {
	io.ReadCloser

	ctx        context.Context //nolint:containedctx // of the request that the body answers, for why it ended
	heard, end func()
}

// Read implements io.Reader.
func (b *guardedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 && err == nil {
		b.heard()
	}
	return n, causeOf(b.ctx, err)
}

// Close implements io.Closer.
func (b *guardedBody) Close() error {
	b.end()
	return b.ReadCloser.Close()
}

// causeOf is why a request failed: the silence, where it was that.
func causeOf(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errSilentWatch) {
		return errSilentWatch
	}
	return err
}
