package gateserver

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// pipe is a writer that blocks while its reader does not read, and that may fail.
type pipe struct {
	mu      sync.Mutex
	changed *sync.Cond
	blocked bool
	err     error
	text    bytes.Buffer
}

func newPipe() *pipe {
	p := &pipe{}
	p.changed = sync.NewCond(&p.mu)
	return p
}

func (p *pipe) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.blocked {
		p.changed.Wait()
	}
	if p.err != nil {
		half := len(text) / 2
		p.text.Write(text[:half])
		return half, p.err
	}
	return p.text.Write(text)
}

func (p *pipe) set(blocked bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.blocked, p.err = blocked, err
	p.changed.Broadcast()
}

// startAuditLog runs an audit log until the returned function is called.
func startAuditLog(t *testing.T, out *pipe) (*auditLog, func()) {
	t.Helper()
	log := newAuditLog(out)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		log.run(ctx)
	}()
	return log, func() {
		cancel()
		<-done
	}
}

func TestAllAuditLinesAreWrittenInOrder(t *testing.T) {
	t.Parallel()
	out := newPipe()
	log, stop := startAuditLog(t, out)
	var want strings.Builder
	for range 10_000 {
		if _, err := log.Write([]byte("a line\n")); err != nil {
			t.Fatal(err)
		}
		want.WriteString("a line\n")
	}
	stop()
	if out.text.String() != want.String() {
		t.Errorf("%d bytes were written, want %d", out.text.Len(), want.Len())
	}
	if err := log.problem(); err != nil {
		t.Error(err)
	}
}

func TestAnUnreadAuditLogIsAProblemAndDoesNotBlockDecisions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newPipe()
		out.set(true, nil)
		log, stop := startAuditLog(t, out)
		line := []byte(strings.Repeat("x", 1023) + "\n")
		written := 0
		for {
			if _, err := log.Write(line); err != nil {
				if !errors.Is(err, errAuditBlocked) {
					t.Errorf("the error is %v", err)
				}
				break
			}
			if written++; written > 3*maxPendingAudit/len(line) {
				t.Fatal("the log accepts an unlimited number of lines")
			}
			synctest.Wait()
		}
		if err := log.problem(); !errors.Is(err, errAuditBlocked) {
			t.Errorf("the problem is %v", err)
		}
		out.set(false, nil)
		synctest.Wait()
		if err := log.problem(); err != nil {
			t.Errorf("the log is read again, but the problem is %v", err)
		}
		stop()
		if got := out.text.Len(); got != written*len(line) {
			t.Errorf("%d bytes were written of %d accepted ones", got, written*len(line))
		}
	})
}

func TestAFailingAuditLogIsAProblemAndLosesNoLine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newPipe()
		out.set(false, errors.New("no space left on device"))
		log, stop := startAuditLog(t, out)
		write := func(line string) {
			if _, err := log.Write([]byte(line)); err != nil {
				t.Error(err)
			}
			synctest.Wait()
		}
		write("first\n")
		if err := log.problem(); err == nil || !strings.Contains(err.Error(), "no space left on device") {
			t.Errorf("the problem is %v", err)
		}
		out.set(false, nil)
		write("second\n")
		if err := log.problem(); err != nil {
			t.Errorf("the log can be written again, but the problem is %v", err)
		}
		stop()
		if got := out.text.String(); got != "first\nsecond\n" {
			t.Errorf("the log is %q", got)
		}
	})
}
