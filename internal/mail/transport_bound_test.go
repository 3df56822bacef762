package mail

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"
)

func TestAnEndlessAnswerEndsTheConnection(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan int)
	go func() {
		defer close(done)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer closeQuietly(conn)
		endless := make([]byte, 64<<10)
		for i := range endless {
			endless[i] = 'x'
		}
		sent := 0
		for {
			n, err := conn.Write(endless)
			if sent += n; err != nil || sent > 64<<20 {
				done <- sent
				return
			}
		}
	}()
	defer listener.Close()
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("not a TCP address")
	}
	dialer := SMTPDialer{Timeouts: Timeouts{Connect: 5 * time.Second, Reply: 20 * time.Second, EndOfData: time.Second}}
	_, err = dialer.Dial(context.WithoutCancel(t.Context()), Server{Host: "127.0.0.1", Port: address.Port, TLS: NoTLS})
	failure, ok := errors.AsType[*StageError](err)
	if !ok || failure.Stage != StageGreeting || !errors.Is(err, errAnswerTooLong) {
		t.Errorf("the error is %v", err)
	}
	if sent := <-done; sent > 16<<20 {
		t.Errorf("the server could send %d bytes", sent)
	}
}
