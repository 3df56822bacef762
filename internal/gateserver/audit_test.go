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

// pipeForTest takes what is written to it while it is open, and then no more until
// it is open again. It may also fail.
type pipeForTest struct {
	mu     sync.Mutex
	opened *sync.Cond
	closed bool
	err    error
	text   bytes.Buffer
}

func newPipeForTest() *pipeForTest {
	p := &pipeForTest{}
	p.opened = sync.NewCond(&p.mu)
	return p
}

func (p *pipeForTest) Write(text []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.closed {
		p.opened.Wait()
	}
	if p.err != nil {
		half := len(text) / 2
		p.text.Write(text[:half])
		return half, p.err
	}
	return p.text.Write(text)
}

func (p *pipeForTest) set(closed bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed, p.err = closed, err
	p.opened.Broadcast()
}

// auditing runs a log until the function that it returns is called.
func auditing(t *testing.T, out *pipeForTest) (*auditLog, func()) {
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

func TestAuditLinesAreWrittenInOrderAndAllOfThem(t *testing.T) {
	t.Parallel()
	out := newPipeForTest()
	log, stop := auditing(t, out)
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

func TestALogThatNobodyReadsIsAProblemAndBlocksNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newPipeForTest()
		out.set(true, nil)
		log, stop := auditing(t, out)
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
				t.Fatal("it takes lines without end")
			}
			synctest.Wait()
		}
		if err := log.problem(); !errors.Is(err, errAuditBlocked) {
			t.Errorf("the problem is %v", err)
		}
		out.set(false, nil)
		synctest.Wait()
		if err := log.problem(); err != nil {
			t.Errorf("it is read again, and the problem is %v", err)
		}
		stop()
		if got := out.text.Len(); got != written*len(line) {
			t.Errorf("%d bytes were written of the %d that were taken", got, written*len(line))
		}
	})
}

func TestALogThatCannotBeWrittenIsAProblemAndLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := newPipeForTest()
		out.set(false, errors.New("no space left on device"))
		log, stop := auditing(t, out)
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
			t.Errorf("it can be written again, and the problem is %v", err)
		}
		stop()
		if got := out.text.String(); got != "first\nsecond\n" {
			t.Errorf("what was written is %q", got)
		}
	})
}
