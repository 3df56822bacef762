package directory

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/go-logr/logr"
)

const (
	// healthPause is between two looks at the gate's own health.
	healthPause = time.Second
	// healthReminder is how often a problem that lasts is logged again.
	healthReminder = time.Minute
)

// errNoSessionKey is a gate that nobody can log in at by the login page.
var errNoSessionKey = errors.New("there is no session key: the operator makes one, if its --session-key-secret is that of the gate")

// Health says whether the gate can decide, to probes and in the log.
type Health struct {
	Directory *Directory
	// auditProblem is why audit lines cannot be written at the moment; nil if they can.
	AuditProblem func() error
	Log          logr.Logger
	// hadKeys is whether there ever was a session key.
	hadKeys atomic.Bool
}

// problems are why the gate cannot decide, by what that is about: a namespace (empty
// for all), whoami of one of which it knows the rest, or the session keys or the
// audit log.
func (h *Health) problems() map[string]error {
	found := map[string]error{}
	for namespace := range h.Directory.feeds {
		if err := h.Directory.Fresh(namespace); err != nil {
			found["namespace "+namespace] = err
		} else if err := h.Directory.Complete(namespace); err != nil {
			found["whoami of namespace "+namespace] = err
		}
	}
	if len(h.Directory.Keys()) == 0 {
		found["session keys"] = errNoSessionKey
	} else {
		h.hadKeys.Store(true)
	}
	if err := h.AuditProblem(); err != nil {
		found["audit log"] = err
	}
	return found
}

// ready answers /readyz: nil if the gate can decide about one namespace at least,
// whoami or not. A gate that had session keys stays ready without, for those who
// come with a password.
func (h *Health) Ready(*http.Request) error {
	found := h.problems()
	if err := found["audit log"]; err != nil {
		return err
	}
	if err := found["session keys"]; err != nil && !h.hadKeys.Load() {
		return err
	}
	for namespace := range h.Directory.feeds {
		if found["namespace "+namespace] == nil {
			return nil
		}
	}
	for _, err := range found {
		return err
	}
	return nil
}

// watch logs problems as they come, each minute while they last, and as they go,
// until ctx ends.
func (h *Health) Watch(ctx context.Context) {
	ticker := time.NewTicker(healthPause)
	defer ticker.Stop()
	said := map[string]time.Time{}
	for {
		select {
		case <-ticker.C:
			h.say(said, h.Directory.now())
		case <-ctx.Done():
			return
		}
	}
}

// say logs what there is to say that was not said just before.
func (h *Health) say(said map[string]time.Time, now time.Time) {
	found := h.problems()
	for about, problem := range found {
		if last, before := said[about]; !before || now.Sub(last) >= healthReminder {
			h.Log.Info("The gate cannot decide", "about", about, "because", problem.Error())
			said[about] = now
		}
	}
	maps.DeleteFunc(said, func(about string, _ time.Time) bool {
		if found[about] != nil {
			return false
		}
		h.Log.Info("The gate can decide again", "about", about)
		return true
	})
}
