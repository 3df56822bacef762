package mail

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// slowToAccept takes ten seconds for everything.
func slowToAccept(context.Context, string, string) error {
	sleep(10 * time.Second)
	return nil
}

func TestTheEmailOfARecreatedMemberFollowsItsPredecessors(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(ctx context.Context, server, to string) error {
			if to == "old@example.com" {
				return slowToAccept(ctx, server, to)
			}
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		old, again := deliveryTo("desk", "old"), deliveryTo("desk", "new")
		again.Member = old.Member
		o.Post(old)
		passTime(time.Second)
		o.Forget(old.UID)
		o.Post(again)
		passTime(time.Second)
		if !o.Has("new", again.IssueID) {
			o.t.Error("the outbox lacks the e-mail")
		}
		o.wantCount("e-mails sent during the first attempt", &o.sent, 0)
		passTime(time.Minute)
		o.wantCount("e-mails sent", &o.sent, 2)
		o.wantResult("new", Accepted)
		if _, ok := o.Result("old"); ok {
			o.t.Error("a result is kept for a deleted member")
		}
	})
}

func TestAParkedEmailCanBeWithdrawn(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(slowToAccept)
		o.SetRoute("desk", settingsOf("desk", 1))
		old, again := deliveryTo("desk", "old"), deliveryTo("desk", "new")
		again.Member = old.Member
		o.Post(old)
		passTime(15 * time.Second)
		o.Post(again)
		o.Withdraw("new")
		passTime(time.Minute)
		o.wantCount("e-mails sent", &o.sent, 1)
	})
}

func TestOfSeveralParkedEmailsTheLastOneIsSent(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(slowToAccept)
		o.SetRoute("desk", settingsOf("desk", 1))
		first, second, third := deliveryTo("desk", "first"), deliveryTo("desk", "second"), deliveryTo("desk", "third")
		second.Member, third.Member = first.Member, first.Member
		passTime(15 * time.Second)
		o.Post(first)
		passTime(time.Second)
		o.Post(second)
		o.Post(third)
		o.Forget("second") // late
		passTime(time.Minute)
		o.wantCount("e-mails sent", &o.sent, 2)
		o.wantResult("third", Accepted)
	})
}

func TestRecipientsThatAreDeferredForeverHardlyDelayOthers(t *testing.T) {
	t.Parallel()
	withOutbox(t, func(o *testOutbox) {
		o.answerWith(func(_ context.Context, _, to string) error {
			if strings.HasPrefix(to, "grey") {
				return stageFailure(StageRecipient, 450)
			}
			return nil
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		for i := range 20 {
			o.Post(deliveryTo("desk", fmt.Sprint("grey", i)))
		}
		passTime(time.Second)
		for i := range 5 {
			o.Post(deliveryTo("desk", fmt.Sprint("good", i)))
		}
		passTime(15 * time.Second)
		o.wantCount("e-mails sent", &o.sent, 5)
	})
}
