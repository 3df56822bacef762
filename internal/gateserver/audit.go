package gateserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxPendingAudit is how many bytes of audit lines may wait to be written: some
// thousand lines, less than a second of a gate that is busy.
const maxPendingAudit = 1 << 20

// errAuditBlocked is an audit log that takes nothing.
var errAuditBlocked = errors.New("the audit log is not read: whatever reads the gate's standard output has stopped doing so")

// auditLog writes lines on a goroutine of its own, as soon as it can and as many at
// a time as have come, so that answers do not wait for whoever reads them. It keeps
// what cannot be written, and says so.
type auditLog struct {
	out io.Writer
	// wake has an element when there is something to write.
	wake chan struct{}

	mu      sync.Mutex
	pending []byte
	failed  error
}

func newAuditLog(out io.Writer) *auditLog { return &auditLog{out: out, wake: make(chan struct{}, 1)} }

// Write takes a line, or fails if too many wait already. It implements io.Writer.
func (l *auditLog) Write(line []byte) (int, error) {
	l.mu.Lock()
	full := len(l.pending)+len(line) > maxPendingAudit
	if !full {
		l.pending = append(l.pending, line...)
	}
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
	if full {
		return 0, errAuditBlocked
	}
	return len(line), nil
}

// problem is why lines cannot be written at the moment; nil if they can.
func (l *auditLog) problem() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return fmt.Errorf("the audit log cannot be written: %w", l.failed)
	}
	if len(l.pending) > maxPendingAudit/2 {
		return errAuditBlocked
	}
	return nil
}

// run writes until ctx ends and all that has come until then is written.
func (l *auditLog) run(ctx context.Context) {
	var lines []byte
	for {
		select {
		case <-l.wake:
			lines = l.flush(lines)
		case <-ctx.Done():
			l.flush(lines)
			return
		}
	}
}

// flush writes what is pending. It returns a buffer to use again.
func (l *auditLog) flush(spare []byte) []byte {
	l.mu.Lock()
	lines := l.pending
	l.pending = spare[:0]
	l.mu.Unlock()
	if len(lines) == 0 {
		return lines
	}
	written, err := l.out.Write(lines)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed = err
	if err == nil {
		return lines
	}
	// The rest comes first when the next line has it tried again.
	l.pending = append(append([]byte(nil), lines[written:]...), l.pending...)
	return lines
}
