package faultproxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// exchange is a request and its answer. It implements http.RoundTripper.
type exchange struct {
	proxy   *Proxy
	request Request
	fault   Fault
	watch   *stream // nil: it is none
}

var errCut = errors.New("the connection is cut")

// serve passes on a request, unless a fault strikes it before.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	e := &exchange{proxy: p, request: requestOf(r)}
	e.fault = p.strike(e.request)
	if e.request.Verb == verbWatch {
		e.watch = &stream{request: e.request, withheld: &p.withheld, cut: cancel, gone: ctx.Done()}
		defer p.leave(e.watch)
	}
	reverse := p.reverse
	reverse.Transport = e
	reverse.ServeHTTP(w, r.WithContext(ctx))
}

// RoundTrip asks the API server, unless a fault strikes the request before. The answer
// is that of the API server, unless a fault strikes it.
func (e *exchange) RoundTrip(r *http.Request) (*http.Response, error) {
	if !e.fault.After {
		if failure, err := e.strike(r.Context()); failure != nil || err != nil {
			return failure, err
		}
	}
	if e.watch != nil {
		e.proxy.enter(e.watch)
	}
	response, err := e.proxy.transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if e.watch != nil && response.StatusCode == http.StatusOK {
		e.watch.ReadCloser, response.Body = response.Body, e.watch
	}
	if e.fault.After {
		if failure, err := e.strike(r.Context()); failure != nil || err != nil {
			return failure, errors.Join(err, response.Body.Close())
		}
	}
	return response, nil
}

// strike lets the delay of the fault pass, and then returns its answer: nil if it has
// none, and an error if the connection is to be cut, or the client has gone.
func (e *exchange) strike(ctx context.Context) (*http.Response, error) {
	select {
	case <-time.NewTimer(e.fault.Delay).C:
	case <-ctx.Done(): // the proxy may be closed, too
		return nil, ctx.Err()
	}
	if !e.fault.Cut && e.fault.Code == 0 {
		return nil, nil
	}
	e.proxy.failed(e.fault)
	if e.fault.Cut {
		return nil, errCut
	}
	return e.failure(), nil
}

// failure is the answer that the fault gives.
func (e *exchange) failure() *http.Response {
	retryAfter := 0
	header := http.Header{"Content-Type": {"application/json"}}
	if e.fault.Code == http.StatusTooManyRequests {
		retryAfter = 1
		header.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	method := map[string]string{"create": http.MethodPost}[e.request.Verb] // whose conflict is AlreadyExists
	resource := schema.GroupResource{Group: e.request.Group, Resource: e.request.Resource}
	status := apierrors.NewGenericServerResponse(e.fault.Code, method, resource, e.request.Name,
		"injected by a test", retryAfter, false).Status()
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, err := json.Marshal(status)
	if err != nil {
		panic(err) // a Status can be expressed in JSON
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return &http.Response{
		StatusCode: e.fault.Code, Header: header, ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
	}
}
