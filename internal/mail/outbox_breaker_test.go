package mail

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// postMany posts e-mails to that many members, and returns the UID of the first.
func (o *testOutbox) postMany(route string, count int) string {
	for i := range count {
		o.Post(deliveryTo(route, fmt.Sprint(route, i)))
	}
	return route + "0"
}

func TestBackOffDoublesWithinItsLimits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		failures int
		jitter   float64
		want     time.Duration
	}{
		"first":              {1, 0, time.Second},
		"second":             {2, 0, 2 * time.Second},
		"sixth":              {6, 0, 32 * time.Second},
		"seventh":            {7, 0, time.Minute},
		"thousandth":         {1000, 0, time.Minute},
		"shortened by half":  {2, 1, time.Second},
		"shortened a little": {3, 0.5, 3 * time.Second},
	}
	for name, test := range tests {
		if got := backOff(test.failures, time.Second, time.Minute, test.jitter); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func TestAnUnreachableServerIsTriedByOneAttemptAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := startOutbox(t)
		o.dialWith(func(context.Context, string) error {
			sleep(time.Second)
			return stageFailure(StageConnect, 0)
		})
		first := o.postMany("desk", 100)
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(4*time.Minute + time.Second)
		var want []time.Duration
		for at, wait := time.Duration(0), time.Second; at <= 4*time.Minute; at, wait = at+time.Second+wait, min(2*wait, time.Minute) {
			want = append(want, at)
		}
		o.wantTimes(&o.dials, want...)
		if health := o.Health("desk"); !health.Known || health.Failed == nil || health.Failed.Stage != StageConnect || health.Settings != "desk1" {
			t.Errorf("got %+v", health)
		}
		// One e-mail per attempt, except for the first, which was a check.
		if got := o.wantResult(first, Retrying).Attempts; got != 1 {
			t.Errorf("the first e-mail was tried %d times, want once", got)
		}
		if got := len(o.Unacknowledged()); got != len(want)-1 {
			t.Errorf("%d e-mails have a result, want %d", got, len(want)-1)
		}
		o.wantCount("calls of OnRoute", &o.routeNews, 1)
		o.wantCount("calls of OnDelivery", &o.deliveryNews, 100+len(want)-1)
	})
}

func TestAttemptsThatFailTogetherCountOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := startOutbox(t, func(options *OutboxOptions) { options.Concurrency = 8 })
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Second) // the server is known
		o.set(func() {
			o.restarts++
			o.dialed = func(context.Context, string) error {
				sleep(time.Second)
				return stageFailure(StageConnect, 0)
			}
		})
		o.postMany("desk", 8)
		passTime(10 * time.Second)
		want := []time.Duration{0}
		for range 8 {
			want = append(want, time.Second) // they fail at 2s
		}
		o.wantTimes(&o.dials, append(want, 3*time.Second, 6*time.Second, 11*time.Second)...)
		o.wantCount("calls of OnRoute", &o.routeNews, 2)
	})
}

func TestOnRouteIsCalledOncePerChangeOfHealth(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.Post(deliveryTo("desk", "ana"))
		for i, failure := range []*StageError{stageFailure(StageConnect, 0), stageFailure(StageGreeting, 421), nil} {
			o.dialWith(func(context.Context, string) error {
				if failure == nil {
					return nil
				}
				return failure
			})
			o.SetRoute("desk", settingsOf("desk", 1))
			passTime(2 * time.Minute)
			o.wantCount("calls of OnRoute", &o.routeNews, i+1)
		}
	})
}

func TestARecoveredServerGetsAllWaitingEmailsAtOnce(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		broken := true
		o.dialWith(func(context.Context, string) error {
			if broken {
				return stageFailure(StageTLS, 0)
			}
			return nil
		})
		o.postMany("desk", 49)
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(99 * time.Second)
		patient := deliveryTo("desk", "patient")
		patient.Attempts, patient.NotBefore = 9, now().Add(time.Hour)
		o.Post(patient)
		passTime(time.Second)
		o.set(func() { broken = false })
		passTime(time.Minute)
		o.wantCount("e-mails sent", &o.sent, 50)
		at := o.read(&o.dials)[len(o.dials)-1].at
		for _, sent := range o.read(&o.sent) {
			if sent.at != at {
				o.t.Errorf("%s was sent %v after the server was back", sent.subject, sent.at-at)
			}
		}
		o.wantCount("calls of OnRoute", &o.routeNews, 2)
	})
}

func TestAFailureBeforeTheRecipientStopsAllEmailsAtOnce(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Second) // the server is known
		o.set(func() {
			o.restarts++
			o.answer = func(context.Context, string, string) error { return stageFailure(StageSender, 550) }
		})
		for i := range 20 {
			delivery := deliveryTo("desk", fmt.Sprint("desk", i))
			delivery.NotBefore = o.started.Add(2 * time.Second) // so that all wait when the first is tried
			o.Post(delivery)
		}
		passTime(time.Second)
		o.wantCount("tries", &o.tries, 2) // over the idle connection, then over a new one
		if o.Health("desk").Ready() {
			o.t.Error("the server counts as working")
		}
		o.wantCount("calls of OnDelivery", &o.deliveryNews, 20)
	})
}

func TestSeveralDeferralsInARowCountAsAServerFailure(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stage  Stage
		putOff func(try int) bool // the tries count from 1
		ready  bool
	}{
		"two in a row":      {StageRecipient, func(try int) bool { return try <= 2 }, true},
		"three in a row":    {StageRecipient, func(try int) bool { return try <= 3 }, false},
		"every second one":  {StageRecipient, func(try int) bool { return try%2 == 0 }, true},
		"three disconnects": {StageData, func(try int) bool { return try > 2 }, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				tries := 0
				o.answerWith(func(_ context.Context, _, to string) error {
					if to == "" {
						return nil
					}
					if tries++; !test.putOff(tries) {
						return nil
					}
					return stageFailure(test.stage, 450)
				})
				o.postMany("desk", 6)
				o.SetRoute("desk", settingsOf("desk", 1))
				passTime(0)
				if health := o.Health("desk"); health.Ready() != test.ready {
					o.t.Errorf("got %+v", health)
				}
				passTime(10 * time.Minute)
				if test.stage == StageRecipient && name != "every second one" {
					o.wantCount("e-mails sent", &o.sent, 6)
				}
			})
		})
	}
}

func TestOneGreylistedAddressDelaysNoOtherEmail(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(_ context.Context, _, to string) error {
			if to == "grey@example.com" {
				return stageFailure(StageRecipient, 451)
			}
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		o.Post(deliveryTo("desk", "grey"))
		for i := range 30 {
			passTime(10 * time.Second) // other e-mails are sent between its attempts
			posted := now()
			uid := fmt.Sprint("good", i)
			o.Post(deliveryTo("desk", uid))
			passTime(0)
			if result := o.wantResult(uid, Accepted); !result.At.Equal(posted) {
				o.t.Errorf("%s waited for %v", uid, result.At.Sub(posted))
			}
		}
		if !o.Health("desk").Ready() {
			o.t.Error("the server counts as failed although it accepts e-mails")
		}
	})
}

func TestAServerThatGreylistsEveryRecipientGetsAllEmailsInTheEnd(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		first := map[string]time.Time{}
		o.answerWith(func(_ context.Context, _, to string) error {
			if to == "" {
				return nil
			}
			if _, known := first[to]; !known {
				first[to] = now()
			}
			if now().Sub(first[to]) < 5*time.Minute {
				return stageFailure(StageRecipient, 450)
			}
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 100)
		passTime(2 * time.Hour)
		o.wantCount("e-mails sent", &o.sent, 100)
	})
}

func TestARecoveredServerThatDefersAnEmailCountsAsRecovered(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.dialWith(func(context.Context, string) error { return stageFailure(StageConnect, 0) })
		o.Post(deliveryTo("desk", "ana"))
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Second / 2)
		o.set(func() {
			o.dialed = nil
			o.answer = func(_ context.Context, _, to string) error {
				return failDelivery(to, stageFailure(StageRecipient, 450))
			}
		})
		passTime(time.Second)
		if !o.Health("desk").Ready() {
			o.t.Error("the server counts as failed")
		}
		o.wantResult("ana", Retrying)
		passTime(time.Second)
		o.wantCount("tries", &o.tries, 1) // the e-mail keeps its own wait
	})
}

func TestATrialWithoutContentShowsThatTheServerWorks(t *testing.T) {
	t.Parallel()
	for name, problem := range map[string]error{"cannot be read": errors.New("the API server is away"), "was withdrawn": ErrWithdrawn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				o.set(func() {
					o.dialed = func(context.Context, string) error { return stageFailure(StageConnect, 0) }
					o.content = func(delivery Delivery) error {
						if delivery.UID == "ana" {
							return problem
						}
						return nil
					}
				})
				o.Post(deliveryTo("desk", "ana"))
				o.Post(deliveryTo("desk", "bob"))
				o.SetRoute("desk", settingsOf("desk", 1))
				passTime(time.Second / 2)
				o.dialWith(nil)
				passTime(time.Second)
				o.wantTimes(&o.tries, time.Second, time.Second)
				o.wantResult("bob", Accepted)
				if !o.Health("desk").Ready() {
					o.t.Error("the server counts as failed")
				}
			})
		})
	}
}

func TestACheckWithAnUnknownErrorIsRepeatedAfterAPause(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(context.Context, string, string) error { return errors.New("odd") })
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(10*time.Second + time.Second/2)
		o.wantCount("checks", &o.checks, 11)
		if o.Health("desk").Known {
			o.t.Error("the server counts as known")
		}
	})
}
