package mail

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestTheLetterOfAMemberAddedAgainFollowsTheOneOfItsPredecessor(t *testing.T) {
	t.Parallel()
	inOffice(t, func(o *office) {
		o.set(func() {
			o.answer = func(_ context.Context, _, to string) error {
				if to == "old@example.com" {
					<-time.NewTimer(10 * time.Second).C // a server that is slow to accept
				}
				return nil
			}
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		old, again := letterFor("desk", "old"), letterFor("desk", "new")
		again.Member = old.Member
		o.Post(old)
		pass(time.Second)
		o.Forget(old.UID)
		o.Post(again)
		pass(time.Second)
		if !o.Has("new", again.IssueID) {
			o.t.Error("the letter is lost")
		}
		o.wantCount("letters sent while the first is under way", &o.sent, 0)
		pass(time.Minute)
		o.wantCount("letters sent", &o.sent, 2)
		o.wantResult("new", Accepted)
		if _, ok := o.Result("old"); ok {
			o.t.Error("a result is kept for a member that is gone")
		}
	})
}

func TestAParkedLetterCanBeTakenBack(t *testing.T) {
	t.Parallel()
	inOffice(t, func(o *office) {
		o.set(func() {
			o.answer = func(context.Context, string, string) error {
				<-time.NewTimer(10 * time.Second).C
				return nil
			}
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		old, again := letterFor("desk", "old"), letterFor("desk", "new")
		again.Member = old.Member
		o.Post(old)
		pass(15 * time.Second)
		o.Post(again)
		o.Withdraw("new")
		pass(time.Minute)
		o.wantCount("letters sent", &o.sent, 1)
	})
}

func TestOfSeveralParkedLettersTheLastOneGoes(t *testing.T) {
	t.Parallel()
	inOffice(t, func(o *office) {
		o.set(func() {
			o.answer = func(context.Context, string, string) error {
				<-time.NewTimer(10 * time.Second).C
				return nil
			}
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		first, second, third := letterFor("desk", "first"), letterFor("desk", "second"), letterFor("desk", "third")
		second.Member, third.Member = first.Member, first.Member
		pass(15 * time.Second)
		o.Post(first)
		pass(time.Second)
		o.Post(second)
		o.Post(third)
		o.Forget("second") // late
		pass(time.Minute)
		o.wantCount("letters sent", &o.sent, 2)
		o.wantResult("third", Accepted)
	})
}

func TestRecipientsThatArePutOffForEverHoldUpNobodyForLong(t *testing.T) {
	t.Parallel()
	inOffice(t, func(o *office) {
		o.set(func() {
			o.answer = func(_ context.Context, _, to string) error {
				if strings.HasPrefix(to, "grey") {
					return failed(StageRecipient, 450)
				}
				return nil
			}
		})
		o.SetRoute("desk", settingsOf("desk", 1))
		for i := range 20 {
			o.Post(letterFor("desk", fmt.Sprint("grey", i)))
		}
		pass(time.Second)
		for i := range 5 {
			o.Post(letterFor("desk", fmt.Sprint("good", i)))
		}
		pass(15 * time.Second)
		o.wantCount("letters sent", &o.sent, 5)
	})
}
