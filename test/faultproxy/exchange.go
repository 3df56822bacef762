package faultproxy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// exchange is a request and its answer.
type exchange struct {
	request Request
	fault   Fault
	watch   *stream // nil: it is none
}

// exchangeKey is where a request's context has the exchange.
type exchangeKey struct{}

var errCut = errors.New("the connection is cut")

// serve passes on a request, unless a fault strikes it before.
func (p *Proxy) serve(w http.ResponseWriter, r *http.Request) {
	e := &exchange{request: requestOf(r)}
	e.fault = p.strike(e.request)
	ctx, cancel := context.WithCancel(context.WithValue(r.Context(), exchangeKey{}, e))
	defer cancel()
	if !e.fault.After {
		if !pause(ctx, e.fault.Delay) {
			panic(http.ErrAbortHandler)
		}
		if e.fault.fails() {
			p.fail(w, e)
			return
		}
	}
	if e.request.Verb == verbWatch {
		e.watch = &stream{request: e.request, cut: cancel, gone: ctx.Done()}
		p.enter(e.watch)
		defer p.leave(e.watch)
	}
	p.reverse.ServeHTTP(w, r.WithContext(ctx))
}

// fail answers in the API server's place, or cuts the connection.
func (p *Proxy) fail(w http.ResponseWriter, e *exchange) {
	p.failed(e.fault)
	if e.fault.Cut {
		panic(http.ErrAbortHandler)
	}
	header, body := failure(e)
	maps.Copy(w.Header(), header)
	w.WriteHeader(e.fault.Code)
	_, _ = w.Write(body) //nolint:errcheck // a client that has gone needs no answer
}

// answered sees the API server's answer before it is passed on.
func (p *Proxy) answered(response *http.Response) error {
	ctx := response.Request.Context()
	e, ok := ctx.Value(exchangeKey{}).(*exchange)
	if !ok {
		return errors.New("a request that did not come through serve")
	}
	if e.watch != nil && response.StatusCode == http.StatusOK {
		response.Body = &watchBody{ReadCloser: response.Body, watch: e.watch, withheld: &p.withheld}
	}
	if !e.fault.After {
		return nil
	}
	if !pause(ctx, e.fault.Delay) {
		return errCut
	}
	if !e.fault.fails() {
		return nil
	}
	p.failed(e.fault)
	if e.fault.Cut {
		return errCut // ReverseProxy closes the body
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	header, body := failure(e)
	response.StatusCode, response.Status = e.fault.Code, ""
	response.Header, response.ContentLength = header, int64(len(body))
	response.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// failure is the answer that a fault gives.
func failure(e *exchange) (header http.Header, body []byte) {
	retryAfter := 0
	header = http.Header{"Content-Type": {"application/json"}}
	if e.fault.Code == http.StatusTooManyRequests {
		retryAfter = 1
		header.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	method := map[string]string{"create": http.MethodPost}[e.request.Verb] // whose conflict is AlreadyExists
	status := apierrors.NewGenericServerResponse(e.fault.Code, method, e.request.groupResource(), e.request.Name,
		"injected by a test", retryAfter, false).Status()
	status.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}
	body, err := json.Marshal(status)
	if err != nil {
		panic(err) // a Status can be expressed in JSON
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	return header, body
}
