package gate

import (
	"log/slog"
	"net/http"
	"strings"
	"time"
)

const (
	// maxLoggedURI is how much of the address that was asked for is logged.
	maxLoggedURI = 256
	// maxLoggedMethod is longer than any registered method.
	maxLoggedMethod = 32
)

// finish writes the audit line of a decision and counts it. It fails if the line
// cannot be written.
func (h *handler) finish(r *http.Request, d Decision, started time.Time) error {
	now := h.Now()
	record := slog.NewRecord(now, slog.LevelInfo, "decision", 0)
	attributes := make([]slog.Attr, 0, 11)
	attributes = append(attributes, slog.String("outcome", string(d.Outcome)), slog.Int("status", d.Status))
	for _, text := range [...]struct{ name, value string }{
		{"reason", d.Reason},
		{"namespace", d.Namespace},
		{"policy", d.Policy},
		{"via", d.Via},
		{"member", d.Member},
		{"email", d.Email},
		{"client", addressText(d)},
		{"method", forwardedMethod(r)},
		{"uri", forwardedPath(r)},
	} {
		if text.value != "" {
			attributes = append(attributes, slog.String(text.name, text.value))
		}
	}
	record.AddAttrs(attributes...)
	if h.Observe != nil {
		h.Observe(d, now.Sub(started))
	}
	return h.audit.Handle(r.Context(), record)
}

// note is finish for answers by which nobody gets in. A log that cannot be written
// closes the gate for everybody, by Options.AuditProblem.
func (h *handler) note(r *http.Request, d Decision, started time.Time) {
	_ = h.finish(r, d, started) //nolint:errcheck // as said above
}

// addressText is the client's address, empty if it is unknown.
func addressText(d Decision) string {
	if !d.Client.IsValid() {
		return ""
	}
	return d.Client.String()
}

// forwardedMethod is the method of the request that a proxy asks about, by the
// proxy's account, or else of its question.
func forwardedMethod(r *http.Request) string {
	method := r.Header.Get("X-Forwarded-Method")
	if method == "" {
		method = r.Method
	}
	return method[:min(len(method), maxLoggedMethod)]
}

// forwardedPath is the path that a proxy asks about, by the proxy's account, or else
// of its question (Envoy appends the one to the other). Queries often hold secrets
// and are left out, and so is whatever is no path.
func forwardedPath(r *http.Request) string {
	uri := r.Header.Get("X-Forwarded-Uri")
	if uri == "" {
		uri = r.URL.EscapedPath()
	}
	if !strings.HasPrefix(uri, "/") {
		return ""
	}
	path, _, _ := strings.Cut(uri, "?")
	return path[:min(len(path), maxLoggedURI)]
}
