package mail

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// slowServer takes a second for each e-mail, and then answers.
func slowServer(answer error) func(context.Context, string, string) error {
	return func(_ context.Context, _, to string) error {
		if to == "" {
			return nil
		}
		sleep(time.Second)
		return answer
	}
}

// sleep lets virtual time pass for one goroutine.
func sleep(d time.Duration) { <-time.NewTimer(d).C }

func TestAnAcceptedResultIsKeptUntilItIsAcknowledged(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.SetRoute("desk", settingsOf("desk", 1))
		ana := deliveryTo("desk", "ana")
		o.Post(ana)
		passTime(0)
		result := o.wantResult("ana", Accepted)
		want := Result{
			Member: "desk/ana", IssueID: "ana-1", Outcome: Accepted, MessageID: "ana-1@example.com", At: o.started, Attempts: 1, Settings: "desk1",
		}
		if result != want {
			o.t.Errorf("got %+v, want %+v", result, want)
		}
		for range 3 {
			o.Post(ana)
			passTime(time.Minute)
		}
		o.wantCount("e-mails sent", &o.sent, 1)
		o.Acknowledge("ana", Result{IssueID: "another"})
		o.wantResult("ana", Accepted)
		if got := o.Unacknowledged(); len(got) != 1 || got["ana"] != "desk/ana" {
			o.t.Errorf("not acknowledged: %v", got)
		}
		o.Acknowledge("ana", result)
		if _, ok := o.Result("ana"); ok {
			o.t.Error("the result stayed")
		}
		o.wantCount("calls of OnDelivery", &o.deliveryNews, 1)
		if o.observed[Accepted] != 1 || len(o.observed) != 1 {
			o.t.Errorf("observed %v", o.observed)
		}
	})
}

func TestTheEmailAboutTheNewestPasswordReplacesTheWaitingOne(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		ana := deliveryTo("desk", "ana")
		o.Post(ana)
		o.Post(withNewPassword(ana))
		if o.Has("ana", ana.IssueID) || !o.Has("ana", withNewPassword(ana).IssueID) {
			o.t.Error("the older e-mail waits")
		}
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Minute)
		o.wantCount("e-mails sent", &o.sent, 1)
		if result := o.wantResult("ana", Accepted); result.IssueID != withNewPassword(ana).IssueID {
			o.t.Errorf("sent %s", result.IssueID)
		}
	})
}

func TestTheEmailAboutTheNewestPasswordFollowsTheOneBeingSent(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]error{
		"that is accepted": nil, "that is rejected": stageFailure(StageRecipient, 550), "that is deferred": stageFailure(StageRecipient, 450),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				ana := deliveryTo("desk", "ana")
				o.answerWith(slowServer(answer))
				o.SetRoute("desk", settingsOf("desk", 1))
				o.Post(ana)
				passTime(time.Second / 2)
				o.Post(withNewPassword(ana))
				o.Post(withNewPassword(withNewPassword(ana)))
				o.answerWith(nil)
				passTime(time.Second)
				o.wantCount("tries", &o.tries, 2)
				if result := o.wantResult("ana", Accepted); result.IssueID != withNewPassword(withNewPassword(ana)).IssueID {
					o.t.Errorf("sent %s", result.IssueID)
				}
			})
		})
	}
}

func TestAWithdrawnEmailIsNotSentAgain(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answer      error
		after       time.Duration // when it is withdrawn
		forget      bool
		tries, kept int
	}{
		"while it waits":                         {nil, -1, false, 0, 0},
		"in progress and accepted":               {nil, time.Second / 2, false, 1, 1},
		"in progress and rejected":               {stageFailure(StageRecipient, 550), time.Second / 2, false, 1, 0},
		"in progress and deferred":               {stageFailure(StageRecipient, 450), time.Second / 2, false, 1, 0},
		"after it was deferred":                  {stageFailure(StageRecipient, 450), 2 * time.Second, false, 1, 0},
		"after it was accepted":                  {nil, 2 * time.Second, false, 1, 1},
		"forgotten while it waits":               {nil, -1, true, 0, 0},
		"forgotten in progress and accepted":     {nil, time.Second / 2, true, 1, 0},
		"forgotten in progress and deferred":     {stageFailure(StageRecipient, 450), time.Second / 2, true, 1, 0},
		"forgotten after it was accepted":        {nil, 2 * time.Second, true, 1, 0},
		"in progress when the connection breaks": {stageFailure(StageData, 0), time.Second / 2, false, 1, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				o.answerWith(slowServer(test.answer))
				takeBack := o.Withdraw
				if test.forget {
					takeBack = o.Forget
				}
				o.Post(deliveryTo("desk", "ana"))
				if test.after < 0 {
					takeBack("ana")
				}
				o.SetRoute("desk", settingsOf("desk", 1))
				passTime(max(0, test.after))
				takeBack("ana")
				if o.Has("ana", "ana-1") {
					o.t.Error("the outbox still has the e-mail")
				}
				passTime(time.Hour)
				o.wantCount("tries", &o.tries, test.tries)
				if got := o.Unacknowledged(); len(got) != test.kept {
					o.t.Errorf("%d results are kept, want %d", len(got), test.kept)
				}
				if len(o.items) != 0 {
					o.t.Error("the e-mail was not dropped")
				}
			})
		})
	}
}

func TestPostingAnEmailWhileItIsRejectedDoesNotSendItAgain(t *testing.T) {
	t.Parallel()
	for name, takenBack := range map[string]bool{"posted twice": false, "withdrawn and posted again": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				o.answerWith(slowServer(stageFailure(StageRecipient, 550)))
				o.SetRoute("desk", settingsOf("desk", 1))
				o.Post(deliveryTo("desk", "ana"))
				passTime(time.Second / 2)
				if takenBack {
					o.Withdraw("ana")
				}
				o.Post(deliveryTo("desk", "ana"))
				if !o.Has("ana", "ana-1") {
					o.t.Error("the outbox lacks the e-mail")
				}
				passTime(time.Hour)
				o.wantCount("tries", &o.tries, 1)
				if result := o.wantResult("ana", Rejected); result.Error == "" || result.Attempts != 1 {
					o.t.Errorf("got %+v", result)
				}
				if !o.Health("desk").Ready() {
					o.t.Error("a rejected e-mail counts as a server failure")
				}
				// Posting it after the result sends it again.
				o.Post(deliveryTo("desk", "ana"))
				passTime(time.Hour)
				o.wantCount("tries", &o.tries, 2)
			})
		})
	}
}

func TestAnEmailAboutAnOldPasswordIsDropped(t *testing.T) {
	t.Parallel()
	for name, again := range map[string]bool{"for good": false, "unless it is posted meanwhile": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				asked := 0
				o.set(func() {
					o.answer = slowServer(nil)
					o.content = func(Delivery) error {
						if asked++; asked == 1 {
							return ErrWithdrawn
						}
						return nil
					}
				})
				o.SetRoute("desk", settingsOf("desk", 1))
				o.Post(deliveryTo("desk", "ana"))
				passTime(time.Second / 2)
				want := 0
				if again {
					o.Post(deliveryTo("desk", "ana"))
					want = 1
				}
				passTime(time.Hour)
				o.wantCount("e-mails sent", &o.sent, want)
				o.wantCount("tries", &o.tries, want+1)
				if len(o.Unacknowledged()) != want || len(o.items) != 0 {
					o.t.Errorf("%d results and %d items are left", len(o.Unacknowledged()), len(o.items))
				}
			})
		})
	}
}

func TestAnEmailWithoutContentIsRetriedAndIsNoServerFailure(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.contentWith(func(Delivery) error { return errors.New("the API server\nis away") })
		o.SetRoute("desk", settingsOf("desk", 1))
		o.Post(deliveryTo("desk", "ana"))
		passTime(time.Minute)
		o.wantTimes(&o.tries, 0, 2*time.Second, 6*time.Second, 14*time.Second, 30*time.Second)
		if !o.Health("desk").Ready() {
			o.t.Error("the server counts as failed")
		}
		result := o.wantResult("ana", Retrying)
		if want := "cannot create the e-mail: the API server is away"; result.Error != want {
			o.t.Errorf("the error is %q, want %q", result.Error, want)
		}
		if want := o.started.Add(62 * time.Second); !result.NextAttemptAt.Equal(want) || result.Attempts != 5 {
			o.t.Errorf("attempt %d is followed by one at %v, want %v", result.Attempts, result.NextAttemptAt, want)
		}
		o.contentWith(nil)
		passTime(time.Minute)
		o.wantResult("ana", Accepted)
	})
}

func TestADeferredEmailIsRetriedLessOftenAndInTheEndCountsAsAServerFailure(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(_ context.Context, _, to string) error {
			return failDelivery(to, stageFailure(StageRecipient, 450))
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		o.Post(deliveryTo("desk", "ana"))
		passTime(5 * time.Second)
		if !o.Health("desk").Ready() {
			o.t.Error("two deferrals count as a server failure")
		}
		passTime(5 * time.Minute)
		var want []time.Duration
		for at, wait := time.Duration(0), 2*time.Second; at <= 5*time.Minute+5*time.Second; at, wait = at+wait, min(2*wait, time.Minute) {
			want = append(want, at)
		}
		o.wantTimes(&o.tries, want...)
		if health := o.Health("desk"); health.Ready() || health.Failed.Stage != StageRecipient {
			o.t.Errorf("got %+v", health)
		}
	})
}

func TestAnEmailWaitsUntilItsTime(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Second) // the server is known
		ana := deliveryTo("desk", "ana")
		ana.NotBefore, ana.Attempts = now().Add(time.Minute), 3
		o.Post(ana)
		o.Post(deliveryTo("desk", "bob"))
		passTime(2 * time.Minute)
		o.wantTimes(&o.sent, time.Second, time.Second+time.Minute)
		if result := o.wantResult("ana", Accepted); result.Attempts != 4 {
			o.t.Errorf("it took %d attempts, want 4", result.Attempts)
		}
	})
}

func TestAnEmailWaitsAMinuteAtMostWhateverItsMailRecordSays(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(time.Second) // the server is known
		ana := deliveryTo("desk", "ana")
		ana.NotBefore = now().AddDate(1, 0, 0) // by a clock that was ahead
		o.Post(ana)
		passTime(2 * time.Minute)
		o.wantTimes(&o.sent, time.Second+retryMax)
	})
}

func TestAClockThatIsSetBackDelaysNoEmail(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	ahead.Store(int64(time.Hour))
	synctest.Test(t, func(t *testing.T) {
		o := startOutbox(t, func(options *OutboxOptions) {
			// Without a monotonic reading, as the clock of a machine that was set.
			options.Now = func() time.Time { return now().Add(time.Duration(ahead.Load())).Round(0) }
		})
		o.answerWith(func(_ context.Context, _, to string) error {
			return failDelivery(to, stageFailure(StageRecipient, 450))
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		o.Post(deliveryTo("desk", "ana"))
		passTime(10 * time.Second)
		o.answerWith(nil)
		ahead.Store(0)
		passTime(2 * time.Minute)
		o.wantCount("e-mails sent within two minutes", &o.sent, 1)
	})
}
