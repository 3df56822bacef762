package gate

import (
	"cmp"
	"log/slog"
	"net/http"
	"strings"
)

const (
	// maxLoggedURI is how much of the requested path is logged.
	maxLoggedURI = 256
	// maxLoggedMethod is longer than any registered method.
	maxLoggedMethod = 32
)

// record writes the audit line of a decision and counts it. It fails if the line
// cannot be written.
func (h *handler) record(x *exchange, d Decision) error {
	now := h.Now()
	record := slog.NewRecord(now, slog.LevelInfo, "decision", 0)
	attributes := make([]slog.Attr, 0, 11)
	attributes = append(attributes, slog.String("outcome", string(d.Outcome)), slog.Int("status", d.Status))
	for _, text := range [...]struct{ name, value string }{
		{"reason", d.Reason},
		{"namespace", d.Namespace},
		{"policy", d.Policy},
		{"via", string(d.Via)},
		{"member", d.Member},
		{"email", d.Email},
		{"client", addressText(d)},
		{"method", forwardedMethod(x.r)},
		{"uri", forwardedPath(x.r)},
	} {
		if text.value != "" {
			attributes = append(attributes, slog.String(text.name, text.value))
		}
	}
	record.AddAttrs(attributes...)
	if h.Observe != nil {
		h.Observe(d, now.Sub(x.started))
	}
	return h.audit.Handle(x.r.Context(), record)
}

// recordFirst records a decision before its answer, and returns it. It refuses a
// request whose audit line cannot be written.
func (h *handler) recordFirst(x *exchange, d Decision) Decision {
	if err := h.record(x, d); err != nil && d.Outcome == OutcomeAllowed {
		return d.as(notReady)
	}
	return d
}

// note records a decision whose answer grants no access. Options.AuditProblem closes
// the gate while the log cannot be written.
func (h *handler) note(x *exchange, d Decision) {
	_ = h.record(x, d) //nolint:errcheck // see above
}

// addressText returns the client's address, empty if unknown.
func addressText(d Decision) string {
	if !d.Client.IsValid() {
		return ""
	}
	return d.Client.String()
}

// forwardedMethod returns the method of the client's request as the proxy reports it,
// or else of the proxy's own request.
func forwardedMethod(r *http.Request) string {
	method := cmp.Or(r.Header.Get("X-Forwarded-Method"), r.Method)
	return method[:min(len(method), maxLoggedMethod)]
}

// forwardedPath returns the path of the client's request as the proxy reports it, or
// else of the proxy's own request (Envoy appends the one to the other). It leaves out
// queries, which often hold secrets, and everything that is not a path.
func forwardedPath(r *http.Request) string {
	uri := cmp.Or(r.Header.Get("X-Forwarded-Uri"), r.URL.EscapedPath())
	if !strings.HasPrefix(uri, "/") {
		return ""
	}
	path, _, _ := strings.Cut(uri, "?")
	return path[:min(len(path), maxLoggedURI)]
}
