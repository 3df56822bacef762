package operator

import (
	"context"
	"errors"

	"rollcall.dev/rollcall/api/v1alpha1"
	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/smtptest"
)

// The measurements that watch Members.
const (
	whileFull = "full-queue"
	whileHung = "mail-hangs"
)

// queueCutOffs is how long members who were forced offline were Allowed, while new
// Members were in the queue; in milliseconds.
type queueCutOffs struct {
	// Queued is how many new Members there were, and Left how many of them the operator
	// had not looked at yet when the last victim was Denied.
	Queued int `json:"queued"`
	Left   int `json:"leftAtTheEnd"`
	// Seconds is how long it took from the first cut-off to the last.
	Seconds float64 `json:"seconds"`
	// Answered is from the answer to the patch, and Sent from its being sent, to a watch
	// showing that login is Denied; Patch is the time between.
	Answered report.Distribution `json:"fromPatchAnswered"`
	Sent     report.Distribution `json:"fromPatchSent"`
	Patch    report.Distribution `json:"patch"`
	// Recovered is how many seconds it took, after the last cut-off and with a mail
	// server that works, until all were Ready.
	Recovered float64 `json:"secondsToAllReady"`
	// Mails is how many messages there were for each new Member in the end.
	Mails float64 `json:"mailsPerMember"`
}

// victims chooses, evenly among the Members, those that the two measurements cut off.
func victims(members, cutoffs int) map[int]string {
	chosen := map[int]string{}
	for i := range cutoffs {
		chosen[2*i*members/(2*cutoffs)] = whileFull
		chosen[(2*i+1)*members/(2*cutoffs)] = whileHung
	}
	return chosen
}

// probesFor is how many of the new Members are watched: whenever the operator has
// looked at one of them, a member is forced offline, so that cut-offs are spread over
// the queue however fast it is worked off, and the last ones leave a part of it.
func probesFor(cutoffs int) int { return cutoffs + cutoffs/5 + 1 }

// probes chooses them, evenly.
func probes(queued, cutoffs int, watched string) map[int]string {
	count := probesFor(cutoffs)
	chosen := map[int]string{}
	for i := range count {
		chosen[i*queued/count] = watched
	}
	return chosen
}

// measureFullQueue forces members offline while the operator works on new ones.
func (w *Bench) measureFullQueue(ctx context.Context) (err error) {
	w.report.FullQueue, err = w.measureCutOffs(ctx, whileFull, smtptest.Faults{})
	return err
}

// measureHang does so while the mail server hangs.
func (w *Bench) measureHang(ctx context.Context) (err error) {
	faults := smtptest.Faults{HangAfterConnect: true}
	if w.hang == hangData {
		faults = smtptest.Faults{HangAfterData: true}
	}
	w.report.MailHangs, err = w.measureCutOffs(ctx, whileHung, faults)
	return err
}

// measureCutOffs forces offline the members that are labeled for it, while new Members
// are in the queue.
func (w *Bench) measureCutOffs(ctx context.Context, watched string, faults smtptest.Faults) (q queueCutOffs, err error) {
	b := batch{name: watched, first: w.Made, count: w.queued, watched: probes(w.queued, w.cutoffs, watched)}
	w.Printf("cut-offs (%s): making %d Members, without an operator", watched, b.count)
	letters := w.letters.counts().Letters
	if err := w.makeBatch(ctx, b); err != nil {
		return q, err
	}
	w.mail.SetFaults(faults)
	d, err := w.newDesk(ctx, b)
	if err != nil {
		return q, err
	}
	defer d.events.Stop()
	if err := w.StartOperator(ctx); err != nil {
		return q, err
	}
	if err := d.run(ctx); err != nil {
		return q, err
	}
	left, err := w.which(ctx, b.name, func(member *v1alpha1.Member) bool { return member.Status.ObservedGeneration < 0 })
	if err != nil {
		return q, err
	}
	ended := w.Now()
	w.mail.SetFaults(smtptest.Faults{})
	q = d.figures()
	q.Queued, q.Left = b.count, len(left)
	w.Printf("cut-offs (%s): %d of %d Members were left in the queue; waiting for all", watched, q.Left, q.Queued)
	ready, err := w.awaitReady(ctx, b)
	if err != nil {
		return q, err
	}
	q.Recovered = ready.Sub(ended).Seconds()
	q.Mails = float64(w.letters.counts().Letters-letters) / float64(b.count)
	return q, errors.Join(w.AwaitCounts(ctx), w.stopOperator())
}
