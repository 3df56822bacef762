package main

import (
	"cmp"
	"fmt"
	"io"
	"runtime"
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
	Floor           floorFigures   `json:"floor"`
	Load            loadFigures    `json:"operator"`
	Growth          growthFigures  `json:"growth"`
	Restart         restartFigures `json:"restart"`
	FullQueue       queueCutOffs   `json:"forcedOfflineWhileQueueIsFull"`
	MailHangs       queueCutOffs   `json:"forcedOfflineWhileMailServerHangs"`
	Mails           mailCounts     `json:"mails"`
	Goals           goals          `json:"goals"`
}

func newOperatorReport(o operatorOptions) *operatorReport {
	return &operatorReport{
		Machine: machine(), Go: runtime.Version(), Members: o.members,
		Concurrency: o.concurrency, MailConcurrency: o.mailConcurrency, Group: o.group, Hang: o.hang,
	}
}

// judge compares what was measured with the goals.
func (r *operatorReport) judge() {
	l := &r.Load
	l.Ratio = l.PerSecond / r.Floor.PerSecond
	r.Goals.atLeast("members a second, over the floor's", goalRatio, l.Ratio, "")
	r.Goals.count("writes of Members and Secrets for each new Member", goalWrites, l.Writes)
	r.Goals.count("reads of Members and Secrets for each new Member", goalReads, l.Reads)
	r.Goals.count("mails for each new Member", goalMails, float64(l.Mails)/float64(l.Members))
	r.Goals.atMost(fmt.Sprintf("memory of the operator with %d Members, all Ready", l.Members+1), goalResident, megabytes(l.Memory.Resident), "MB")
	r.Goals.count("writes after a restart", 0, float64(r.Restart.Writes))
	r.Goals.count("mails after a restart", 0, float64(r.Restart.Mails))
	for _, one := range r.cutOffs() {
		r.Goals.atMost("forced offline → Denied, "+one.while, goalForceAway, one.Answered.P99, "ms p99")
		r.Goals.count("mails for each Member that was in the queue, "+one.while, goalMails, one.Mails)
	}
	r.Goals.count("letters to somebody who had one", 0, float64(r.Mails.Again))
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

func (r *operatorReport) reached() goals { return r.Goals }

// write writes the figures for people.
func (r *operatorReport) write(out io.Writer) error {
	t, line := newTable(out)
	line("%s, %s", r.Machine, r.Go)
	line("%d Members, %d workers, %d letters at a time", r.Members, r.Concurrency, r.MailConcurrency)
	line("")
	r.Goals.write(line)
	for _, f := range r.figures() {
		f.write(line)
	}
	line("")
	line("REQUESTS TO THE API SERVER\tOPERATOR\tFOR EACH MEMBER\tFAILED\tRESTART\tOTHERS AT THE FLOOR")
	for _, row := range r.requestRows() {
		line("%s %s\t%d\t%.4f\t%d\t%d\t%d", row.kind.Verb, cmp.Or(row.kind.Resource, "(no resource)"),
			row.load.Count, row.load.PerMember, row.load.Failed, row.restart, row.floor)
	}
	for _, one := range r.cutOffs() {
		if one.Left == 0 {
			line("\nThe queue ran empty before the last member was forced offline %s: that figure is not what it says.", one.while)
		}
	}
	if r.Members < goalLoaded {
		line("\nThe goals for memory and restart are with %d Members.", goalLoaded)
	}
	return t.Flush()
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
	by := map[requestKind]*requestRow{}
	row := func(f requestFigures) *requestRow {
		every[f.requestKind] = f.tally
		if by[f.requestKind] == nil {
			by[f.requestKind] = &requestRow{kind: f.requestKind}
		}
		return by[f.requestKind]
	}
	for _, f := range r.Load.Requests {
		row(f).load = f
	}
	for _, f := range r.Restart.Requests {
		row(f).restart = f.Count
	}
	for _, f := range r.Floor.Others {
		row(f).floor = f.Count
	}
	var rows []requestRow
	for _, kind := range every.sorted() {
		rows = append(rows, *by[kind])
	}
	return rows
}
