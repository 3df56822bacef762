package mail

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestStoppingFinishesAttemptsInProgressAndStartsNoMore(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(slowServer(nil))
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 5)
		passTime(time.Second / 2)
		o.stop()
		if got := now().Sub(o.started); got != time.Second {
			o.t.Errorf("Run returned after %v, want the end of the attempt in progress", got)
		}
		o.Post(deliveryTo("desk", "late"))
		o.SetRoute("desk", settingsOf("desk", 2))
		o.SetRoute("other", settingsOf("other", 1))
		passTime(time.Hour)
		o.wantCount("e-mails sent", &o.sent, 1)
		o.wantCount("connections closed", &o.closes, 1)
		o.wantResult("desk0", Accepted)
	})
}

func TestStoppingWaitsNoLongerThanTheGracePeriod(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(ctx context.Context, _, to string) error {
			if to != "" {
				<-ctx.Done()
				return stageFailure(StageData, 0)
			}
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 2)
		passTime(time.Minute)
		before := now()
		o.stop()
		if got := now().Sub(before); got != 30*time.Second {
			o.t.Errorf("Run returned after %v, want the grace period of 30s", got)
		}
	})
}

func TestSettingsThatChangeWhileRunStopsLeaveNoConnectionOpen(t *testing.T) {
	t.Parallel()
	for round := range 20 {
		synctest.Test(t, func(t *testing.T) {
			o := startOutbox(t)
			for i := range 5 {
				route := fmt.Sprint("desk", i)
				o.SetRoute(route, settingsOf(route, 1))
				o.postMany(route, 5)
			}
			passTime(time.Second)
			stopped := make(chan struct{})
			go func() {
				defer close(stopped)
				o.stop()
			}()
			for i := range 5 {
				route := fmt.Sprint("desk", i)
				o.SetRoute(route, settingsOf(route, 2+round))
				o.RemoveRoute(route)
			}
			<-stopped
		})
	}
}

func TestNewSettingsMakeEveryEmailDueAtOnce(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.set(func() {
			o.dialed = func(context.Context, string) error { return stageFailure(StageAuthentication, 535) }
		})
		o.postMany("desk", 10)
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(10 * time.Minute)
		o.dialWith(func(context.Context, string) error {
			sleep(time.Second)
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1)) // the same settings
		passTime(time.Second)
		o.wantCount("e-mails sent", &o.sent, 0)
		o.SetRoute("desk", settingsOf("desk", 2))
		if health := o.Health("desk"); health.Known || health.Ready() || health.Settings != "desk2" {
			o.t.Errorf("got %+v, want a server that is not known yet", health)
		}
		passTime(time.Second)
		o.wantCount("e-mails sent", &o.sent, 10)
		if result := o.wantResult("desk0", Accepted); result.Settings != "desk2" {
			o.t.Errorf("sent with %s", result.Settings)
		}
	})
}

func TestAttemptsWithOldSettingsNeitherDelayNorJudgeTheNewOnes(t *testing.T) {
	t.Parallel()
	for what, emails := range map[string]int{"a check": 0, "an e-mail": 1} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			withOutbox(t, func(o *testOutbox) {
				hang := func(context.Context, string) error {
					sleep(20 * time.Second)
					return stageFailure(StageConnect, 0)
				}
				if emails > 0 {
					o.SetRoute("desk", settingsOf("desk", 1))
					passTime(0) // the server is known
				}
				o.set(func() {
					o.restarts++
					o.dialed = hang
				})
				o.SetRoute("desk", settingsOf("desk", 1))
				o.postMany("desk", 2)
				passTime(time.Second)
				o.dialWith(nil)
				o.SetRoute("desk", settingsOf("desk", 2))
				passTime(0)
				o.wantCount("e-mails sent", &o.sent, 2-emails)
				passTime(19 * time.Second)
				o.wantCount("e-mails sent", &o.sent, 2) // the other one is sent as soon as its old attempt failed
				if !o.Health("desk").Ready() {
					o.t.Errorf("got %+v", o.Health("desk"))
				}
				o.wantCount("calls of OnRoute", &o.routeNews, 1+emails)
			})
		})
	}
}

func TestEmailsWaitWhileThereAreNoSettings(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(slowServer(nil))
		o.SetRoute("desk", settingsOf("desk", 1))
		o.postMany("desk", 3)
		passTime(time.Second / 2)
		o.RemoveRoute("desk")
		if o.Health("desk") != (Health{}) {
			o.t.Errorf("got %+v", o.Health("desk"))
		}
		passTime(time.Hour)
		o.wantCount("e-mails sent", &o.sent, 1) // it was in progress
		if o.connections() != 0 {
			o.t.Error("a connection was kept")
		}
		o.SetRoute("desk", settingsOf("desk", 1))
		passTime(2 * time.Second)
		o.wantCount("e-mails sent", &o.sent, 3)
	})
}

func TestForgottenMembersAndRoutesLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(slowServer(nil))
		for i := range 50 {
			route := fmt.Sprint("desk", i)
			o.Post(deliveryTo(route, route))
			if i%2 == 0 {
				o.SetRoute(route, settingsOf(route, 1))
			}
		}
		passTime(time.Second / 2)
		for i := range 50 {
			route := fmt.Sprint("desk", i)
			o.RemoveRoute(route)
			o.RemoveRoute("unknown")
			o.Forget(route)
		}
		passTime(time.Minute)
		if len(o.routes) != 0 || len(o.items) != 0 || len(o.results) != 0 {
			o.t.Errorf("%d routes, %d items, and %d results are left", len(o.routes), len(o.items), len(o.results))
		}
	})
}
