package operator

import (
	"strings"
	"testing"

	"rollcall.dev/rollcall/test/bench/report"
	"rollcall.dev/rollcall/test/bench/report/reporttest"
	"rollcall.dev/rollcall/test/bench/usage"
	"rollcall.dev/rollcall/test/smtptest"
)

// goodReport has all goals met.
func goodReport() *operatorReport {
	r := newReport(Options{members: 100, Concurrency: 16, MailConcurrency: 8})
	r.Floor = FloorFigures{Members: 100, Seconds: 1, PerSecond: 100}
	r.Load = loadFigures{Members: 100, Seconds: 1, PerSecond: 90, Mails: 100, Memory: usage.Memory{Resident: 100e6, Peak: 200e6}}
	r.Load.count(requests{
		{"POST", "secrets"}: {Count: 100}, {"PATCH", "members/status"}: {Count: 200}, {"GET", "secrets"}: {Count: 100},
		{"PATCH", "skillgroups/status"}: {Count: 500}, {"LIST", "members"}: {Count: 50}, {"PUT", "leases"}: {Count: 7},
	})
	r.FullQueue = queueCutOffs{Queued: 100, Left: 10, Mails: 1, Answered: report.Distribution{P99: 250}}
	r.MailHangs = r.FullQueue
	return r
}

func TestCountsThatMissTheirGoalFailTheBenchmarkAndTimesDoNot(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name   string
		spoil  func(*operatorReport)
		missed int
		fails  string
	}{
		{"nothing", func(*operatorReport) {}, 0, ""},
		{"slow", func(r *operatorReport) { r.Load.PerSecond = 80 }, 1, ""},
		{"large", func(r *operatorReport) { r.Load.Memory.Resident = 151e6 }, 1, ""},
		{"late", func(r *operatorReport) { r.FullQueue.Answered.P99 = 251 }, 1, ""},
		{"a write too many", func(r *operatorReport) { r.Load.Writes = 3.06 }, 1, "writes of Members"},
		{"a read too many", func(r *operatorReport) { r.Load.Reads = 1.06 }, 1, "reads of Members"},
		{"a mail too many", func(r *operatorReport) { r.Load.Mails = 101 }, 1, "mails for each new Member"},
		{"a write after a restart", func(r *operatorReport) { r.Restart.Writes = 1 }, 1, "writes after a restart"},
		{"a mail after a restart", func(r *operatorReport) { r.Restart.Mails = 1 }, 1, "mails after a restart"},
		{"a mail too many from the queue", func(r *operatorReport) { r.MailHangs.Mails = 1.01 }, 1, "while the mail server hangs"},
		{"somebody mailed twice", func(r *operatorReport) { r.Mails.Again = 1 }, 1, "letters to somebody"},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			r := goodReport()
			one.spoil(r)
			r.judge()
			reporttest.CheckMissed(t, r.Goals, one.missed, one.fails)
		})
	}
}

func TestOnlyMembersAndSecretsCountForAMember(t *testing.T) {
	t.Parallel()
	if l := goodReport().Load; l.Writes != 3 || l.Reads != 1 {
		t.Errorf("got %g writes and %g reads, want 3 and 1", l.Writes, l.Reads)
	}
}

func TestAnEmptyQueueIsReported(t *testing.T) {
	t.Parallel()
	for left, want := range map[int]bool{0: true, 10: false} {
		r := goodReport()
		r.FullQueue.Left = left
		r.judge()
		var out strings.Builder
		table := report.NewTable(&out)
		r.Write(table)
		if err := table.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), "ran empty"); got != want {
			t.Errorf("with %d left: said %t, want %t, in\n%s", left, got, want, &out)
		}
	}
}

func TestEveryCutOffMemberBelongsToOneMeasurement(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ members, cutoffs int }{{50, 10}, {500, 100}, {10_000, 200}, {1003, 200}} {
		count := map[string]int{}
		for position, watched := range victims(one.members, one.cutoffs) {
			count[watched]++
			if position < 0 || position >= one.members {
				t.Errorf("%d of %d: position %d", one.cutoffs, one.members, position)
			}
		}
		if count[whileFull] != one.cutoffs || count[whileHung] != one.cutoffs {
			t.Errorf("%d of %d: got %v", one.cutoffs, one.members, count)
		}
	}
}

func TestThereAreMoreProbesThanMembersToCutOff(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ queued, cutoffs int }{{13, 10}, {500, 100}, {10_000, 200}} {
		if got := len(probes(one.queued, one.cutoffs, whileFull)); got != probesFor(one.cutoffs) || got <= one.cutoffs {
			t.Errorf("%d cut-offs, %d queued: %d probes", one.cutoffs, one.queued, got)
		}
	}
}

func TestMessagesAreCountedByRecipient(t *testing.T) {
	t.Parallel()
	b := &mailLog{letters: map[string]int{}}
	for _, to := range []string{"ana", "ben", "ana", "cho"} {
		b.take(smtptest.Message{To: []string{to}})
	}
	if got, want := b.counts(), (mailCounts{Letters: 4, Recipients: 3, Again: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := strings.Join(b.latest(2), " "); got != "ben cho" {
		t.Errorf("the last two are %s", got)
	}
	if got := len(b.latest(9)); got != 3 {
		t.Errorf("the last nine are %d", got)
	}
}
