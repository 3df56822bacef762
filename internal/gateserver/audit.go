package gateserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// maxPendingAudit is how many bytes of audit lines may wait to be written. It is enough
// for some thousand lines, less than a second of a busy gate.
const maxPendingAudit = 1 << 20

// errAuditBlocked reports that the audit log accepts no more lines.
var errAuditBlocked = errors.New("the audit log is blocked: the program that reads the gate's standard output has stopped reading")

// auditLog writes lines on a goroutine of its own, so that answers do not wait for the
// reader of the log. It writes all pending lines at once. It keeps lines that it cannot
// write, and reports that as its problem.
type auditLog struct {
	out io.Writer
	// wake has an element when lines are pending.
	wake chan struct{}

	mu      sync.Mutex
	pending []byte
	failed  error
}

func newAuditLog(out io.Writer) *auditLog { return &auditLog{out: out, wake: make(chan struct{}, 1)} }

// Write queues a line, or fails if too many are pending. It implements io.Writer.
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

// problem returns why lines cannot be written at the moment; nil if they can.
func (l *auditLog) problem() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return fmt.Errorf("writing the audit log: %w", l.failed)
	}
	if len(l.pending) > maxPendingAudit/2 {
		return errAuditBlocked
	}
	return nil
}

// run writes lines until ctx ends, and then the pending rest.
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

// flush writes the pending lines. It returns a buffer for reuse.
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
	// The next Write triggers another attempt, which starts with the rest.
	l.pending = append(append([]byte(nil), lines[written:]...), l.pending...)
	return lines
}
