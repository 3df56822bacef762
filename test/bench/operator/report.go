package operator

import (
	"cmp"
	"fmt"
	"runtime"

	"rollcall.dev/rollcall/test/bench/report"
)

// The goals.
const (
	goalRatio     = 0.85
	goalWrites    = 3.05 // for each new Member
	goalReads     = 1.05 // for each new Member
	goalMails     = 1    // for each new Member
	goalResident  = 150  // megabytes, with goalLoaded Members
	goalLoaded    = 10_000
	goalForceAway = 250 // milliseconds, p99
)

// operatorReport is all that was measured.
type operatorReport struct {
	Machine         string         `json:"machine"`
	Go              string         `json:"go"`
	Members         int            `json:"members"`
	Concurrency     int            `json:"concurrency"`
	MailConcurrency int            `json:"mailConcurrency"`
	Group           bool           `json:"oneGroupOfAll"`
	Hang            string         `json:"mailServerHangs"`
	Floor           FloorFigures   `json:"floor"`
	Load            loadFigures    `json:"operator"`
	Growth          growthFigures  `json:"growth"`
	Restart         restartFigures `json:"restart"`
	FullQueue       queueCutOffs   `json:"forcedOfflineWhileQueueIsFull"`
	MailHangs       queueCutOffs   `json:"forcedOfflineWhileMailServerHangs"`
	Mails           mailCounts     `json:"mails"`

	report.Goals `json:"goals"`
}

func newReport(o Options) *operatorReport {
	return &operatorReport{
		Machine: report.Machine(), Go: runtime.Version(), Members: o.members,
		Concurrency: o.Concurrency, MailConcurrency: o.MailConcurrency, Group: o.group, Hang: o.hang,
	}
}

// judge compares what was measured with the goals.
func (r *operatorReport) judge() {
	l := &r.Load
	l.Ratio = l.PerSecond / r.Floor.PerSecond
	r.AtLeast("members a second, over the floor's", goalRatio, l.Ratio, "")
	r.AtMostCount("writes of Members and Secrets for each new Member", goalWrites, l.Writes)
	r.AtMostCount("reads of Members and Secrets for each new Member", goalReads, l.Reads)
	r.AtMostCount("mails for each new Member", goalMails, float64(l.Mails)/float64(l.Members))
	r.AtMost(fmt.Sprintf("memory of the operator with %d Members, all Ready", l.Members+1), goalResident, report.Megabytes(l.Memory.Resident), "MB")
	r.AtMostCount("writes after a restart", 0, float64(r.Restart.Writes))
	r.AtMostCount("mails after a restart", 0, float64(r.Restart.Mails))
	for _, one := range r.cutOffs() {
		r.AtMost("forced offline → Denied, "+one.while, goalForceAway, one.Answered.P99, "ms p99")
		r.AtMostCount("mails for each Member that was in the queue, "+one.while, goalMails, one.Mails)
	}
	r.AtMostCount("letters to somebody who had one", 0, float64(r.Mails.Again))
}

// namedCutOffs are figures and what they are of.
type namedCutOffs struct {
	queueCutOffs

	while string
}

func (r *operatorReport) cutOffs() []namedCutOffs {
	return []namedCutOffs{
		{r.FullQueue, "with a full queue"},
		{r.MailHangs, "while the mail server hangs"},
	}
}

// Write writes the figures for people.
func (r *operatorReport) Write(t report.Table) {
	t.Line("%s, %s", r.Machine, r.Go)
	t.Line("%d Members, %d workers, %d letters at a time", r.Members, r.Concurrency, r.MailConcurrency)
	t.Line("")
	t.Goals(r.Goals)
	r.writeFigures(t)
	t.Line("")
	t.Line("REQUESTS TO THE API SERVER\tOPERATOR\tFOR EACH MEMBER\tFAILED\tRESTART\tOTHERS AT THE FLOOR")
	for _, row := range r.requestRows() {
		t.Line("%s %s\t%d\t%.4f\t%d\t%d\t%d", row.kind.Verb, cmp.Or(row.kind.Resource, "(no resource)"),
			row.load.Count, row.load.PerMember, row.load.Failed, row.restart, row.floor)
	}
	for _, one := range r.cutOffs() {
		if one.Left == 0 {
			t.Line("\nThe queue ran empty before the last member was forced offline %s: that figure is not what it says.", one.while)
		}
	}
	if r.Members < goalLoaded {
		t.Line("\nThe goals for memory and restart are with %d Members.", goalLoaded)
	}
}

// requestRow has the requests of a kind.
type requestRow struct {
	kind           requestKind
	load           requestFigures
	restart, floor int
}

// requestRows are the requests in all measurements.
func (r *operatorReport) requestRows() []requestRow {
	every := requests{}
	by := map[requestKind]requestRow{}
	for i, listed := range [][]requestFigures{r.Load.Requests, r.Restart.Requests, r.Floor.Others} {
		for _, f := range listed {
			every[f.requestKind] = f.tally
			row := by[f.requestKind]
			row.kind = f.requestKind
			switch i {
			case 0:
				row.load = f
			case 1:
				row.restart = f.Count
			default:
				row.floor = f.Count
			}
			by[f.requestKind] = row
		}
	}
	var rows []requestRow
	for _, kind := range every.sorted() {
		rows = append(rows, by[kind])
	}
	return rows
}
