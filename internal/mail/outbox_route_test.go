package mail

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// hangingServers answers nothing for as long as a client waits, to e-mails only or
// from the start.
func hangingServers(fromTheStart bool, servers ...string) func(context.Context, string, string) error {
	return func(_ context.Context, server, to string) error {
		for _, hangs := range servers {
			if server == hangs && (to != "" || fromTheStart) {
				sleep(20 * time.Second)
				return stageFailure(StageData, 0)
			}
		}
		return nil
	}
}

func TestHangingServersDelayNoEmailOfAnotherContactCenter(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{0, 1, 2, 8} {
		for name, fromTheStart := range map[string]bool{"for e-mails": false, "from the start": true} {
			t.Run(fmt.Sprint(concurrency, " at a time, hangingServers ", name), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					o := startOutbox(t, func(options *OutboxOptions) { options.Concurrency = concurrency })
					o.answerWith(hangingServers(fromTheStart, "bad0", "bad1", "bad2"))
					for i := range 3 {
						o.postMany(fmt.Sprint("bad", i), 100)
						o.SetRoute(fmt.Sprint("bad", i), settingsOf(fmt.Sprint("bad", i), 1))
					}
					passTime(time.Second) // they have as many e-mails as they can take
					o.postMany("good", 50)
					o.SetRoute("good", settingsOf("good", 1))
					passTime(0)
					o.wantCount("e-mails sent", &o.sent, 50)
					if open := o.connections(); open > max(1, concurrency)+3 {
						t.Errorf("%d connections at a time", open)
					}
				})
			})
		}
	}
}

func TestABulkImportHardlyDelaysAnotherContactCenter(t *testing.T) {
	t.Parallel()
	for _, concurrency := range []int{1, 4} {
		t.Run(fmt.Sprint(concurrency, " at a time"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := startOutbox(t, func(options *OutboxOptions) { options.Concurrency = concurrency })
				o.answerWith(slowServer(nil))
				for _, route := range []string{"bulk", "small"} {
					o.SetRoute(route, settingsOf(route, 1))
				}
				o.postMany("bulk", 1000)
				passTime(10*time.Second + time.Second/2)
				o.postMany("small", 3)
				passTime(3500 * time.Millisecond)
				for i := range 3 {
					o.wantResult(fmt.Sprint("small", i), Accepted)
				}
				// The bulk makes progress too.
				if got := len(o.read(&o.sent)); got < 3+10*concurrency+3*max(1, concurrency-1) {
					t.Errorf("%d e-mails were sent", got)
				}
			})
		})
	}
}

func TestASharedSlotGoesToTheContactCenterWithTheFewestAttempts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := startOutbox(t, func(options *OutboxOptions) { options.Concurrency = 5 })
		underWay, most := map[string]int{}, map[string]int{}
		o.answerWith(func(_ context.Context, server, to string) error {
			if to == "" {
				return nil
			}
			o.set(func() {
				underWay[server]++
				most[server] = max(most[server], underWay[server])
			})
			sleep(time.Second)
			o.set(func() { underWay[server]-- })
			return nil
		})
		for _, route := range []string{"a", "b"} {
			o.postMany(route, 100)
			o.SetRoute(route, settingsOf(route, 1))
		}
		passTime(2 * time.Second) // the first one had all slots
		o.set(func() { clear(most) })
		passTime(10 * time.Second)
		if most["a"] != 3 || most["b"] != 3 {
			t.Errorf("at most %v were in progress, want one each and two shared", most)
		}
	})
}

func TestASharedSlotRotates(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	o := NewOutbox(OutboxOptions{Concurrency: 2, Now: func() time.Time { return start }})
	for _, route := range []string{"a", "b", "c"} {
		o.SetRoute(route, settingsOf(route, 1))
		for i := range 10 {
			o.Post(deliveryTo(route, fmt.Sprint(route, i)))
		}
		o.routes[route].breaker.succeed()
		o.routes[route].inFlight = 1 // its own slot; what follows is the shared one
	}
	var turns []string
	for range 12 {
		route, _ := o.choose(start)
		o.start(route, start)
		route.inFlight--
		turns = append(turns, route.name)
	}
	for i := range turns[3:] {
		if turns[i] != turns[i+3] || turns[i] == turns[i+1] {
			t.Fatalf("the turns were %v, want one after the other", turns)
		}
	}
}

func TestNoMinuteHasMoreEmailsThanTheLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{1, 7, 30, 600} {
		t.Run(fmt.Sprint(limit, " a minute"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := startOutbox(t)
				settings := settingsOf("desk", 1)
				settings.MaxPerMinute = limit
				o.SetRoute("desk", settings)
				passTime(10 * time.Minute) // unused capacity does not add up
				o.postMany("desk", 5*limit)
				for number := range 5 {
					passTime(time.Minute / 2)
					settings = settingsOf("desk", 2+number) // other settings do not reset the limit
					settings.MaxPerMinute = limit
					o.SetRoute("desk", settings)
				}
				passTime(3 * time.Minute)
				sent := o.read(&o.tries)
				for i := limit; i < len(sent); i++ {
					if sent[i].at-sent[i-limit].at < time.Minute {
						t.Fatalf("more than %d e-mails between %v and %v", limit, sent[i-limit].at, sent[i].at)
					}
				}
				if len(sent) < 5*limit-1 {
					t.Errorf("%d e-mails in five and a half minutes: too slow", len(sent))
				}
			})
		})
	}
}

func TestAConnectionIsKeptForTheNextEmailAndThenClosed(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 10)
		passTime(idleTimeout - time.Second)
		o.Post(deliveryTo("desk", "ana"))
		passTime(idleTimeout - time.Second)
		o.Post(deliveryTo("desk", "bob"))
		passTime(idleTimeout - time.Second)
		o.wantCount("e-mails sent", &o.sent, 12)
		o.wantCount("connections", &o.dials, 1)
		o.wantCount("connections closed", &o.closes, 0)
		passTime(2 * time.Second)
		o.wantCount("connections closed", &o.closes, 1)
	})
}

func TestAnIdleConnectionThatTheServerClosedIsReplacedAndIsNoFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := startOutbox(t)
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 10)
		passTime(time.Second)
		kept := o.connections()
		o.set(func() { o.restarts++ })
		for i := range 10 {
			o.Post(deliveryTo("desk", fmt.Sprint("again", i)))
		}
		passTime(time.Second)
		o.wantCount("e-mails sent", &o.sent, 20)
		for i := range 10 {
			if result := o.wantResult(fmt.Sprint("again", i), Accepted); result.Attempts != 1 {
				t.Errorf("it took %d attempts", result.Attempts)
			}
		}
		o.wantCount("calls of OnRoute", &o.routeNews, 1)
		o.wantCount("connections", &o.dials, 2*kept)
	})
}
