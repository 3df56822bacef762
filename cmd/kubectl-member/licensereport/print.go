package licensereport

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// part is a table of the report.
type part struct {
	title, empty string
	headers      []string
	rows         [][]string
	// users are the members of the rows.
	users []seatUser
}

// write writes the report in the requested format.
func (r *Report) write(s *cli.Session, o Options) error {
	switch o.Format {
	case printer.FormatJSON, printer.FormatYAML:
		text, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing the licenses: %w", err)
		}
		formatted, err := printer.FormatObject(string(text), o.Format)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.Out, formatted)
		return err
	case printer.FormatName:
		for _, user := range r.users() {
			cli.Say(s.Out, "%s/%s\n", query.Members().FullName, user.Name)
		}
		return nil
	case printer.FormatCSV:
		return r.writeCSV(s, o)
	default:
		return r.writeTables(s, o)
	}
}

// users returns the members who wait and those who hold a seat, each once.
func (r *Report) users() []seatUser {
	var users []seatUser
	seen := map[string]bool{}
	for _, user := range slices.Concat(r.Waiting, r.Holders) {
		if !seen[user.Name] {
			users = append(users, user)
		}
		seen[user.Name] = true
	}
	return users
}

// writeCSV writes the seats if only they are requested, or else the members.
func (r *Report) writeCSV(s *cli.Session, o Options) error {
	headers := []string{"name", "email", "holds", "waitsFor", "source", "role", "login", "since"}
	var rows [][]string
	if o.Seats && !o.Holders && !o.Waiting {
		headers = []string{"tier", "seats", "used", "free", "waiting"}
		rows = r.seatRows()
	}
	for _, user := range r.users() {
		since := ""
		if user.Since != nil {
			since = user.Since.UTC().Format(time.RFC3339)
		}
		rows = append(rows, []string{
			user.Name, printer.EscapeFormula(user.Email), string(user.Tier), string(user.Requested), string(user.Source), string(user.Role), string(user.Login), since,
		})
	}
	if o.NoHeaders {
		headers = nil
	}
	out := printer.NewCSV(s.Out, headers)
	if err := out.WriteRows(rows); err != nil {
		return err
	}
	return out.Close()
}

func (r *Report) seatRows() [][]string {
	var rows [][]string
	for _, tier := range r.Seats {
		row := []string{string(tier.Tier)}
		for _, number := range []int32{tier.Seats, tier.Used, tier.Free, tier.Waiting} {
			row = append(row, strconv.Itoa(int(number)))
		}
		rows = append(rows, row)
	}
	return rows
}

// writeTables writes one table as it is, or several with headings.
func (r *Report) writeTables(s *cli.Session, o Options) error {
	var parts []part
	if r.Seats != nil {
		parts = append(parts, part{headers: []string{"TIER", "SEATS", "USED", "FREE", "WAITING"}, rows: r.seatRows()})
	}
	if r.Waiting != nil {
		parts = append(parts, part{
			"Waiting, in the order in which members get a seat", "No member waits for a seat.",
			[]string{"NAME", "FOR", "HOLDS", "SOURCE", "SINCE"},
			r.waitingRows(s.Now()), r.Waiting,
		})
	}
	if r.Holders != nil {
		parts = append(parts, part{"Holding a seat", "No member holds a seat.", []string{"NAME", "TIER", "SOURCE"}, r.holderRows(), r.Holders})
	}
	for i, p := range parts {
		if o.Format == printer.FormatWide && p.users != nil {
			p.widen()
		}
		if i > 0 {
			cli.Say(s.Out, "\n")
		}
		if err := p.write(s, o, len(parts) == 1); err != nil {
			return err
		}
	}
	return nil
}

func (r *Report) waitingRows(now time.Time) [][]string {
	var rows [][]string
	for _, user := range r.Waiting {
		since := ""
		if user.Since != nil {
			since = humanize.Age(*user.Since, now)
		}
		rows = append(rows, []string{user.Name, string(user.Requested), string(user.Tier), string(user.Source), since})
	}
	return rows
}

func (r *Report) holderRows() [][]string {
	var rows [][]string
	for _, user := range r.Holders {
		rows = append(rows, []string{user.Name, string(user.Tier), string(user.Source)})
	}
	return rows
}

func (p *part) widen() {
	p.headers = append(p.headers, "EMAIL", "ROLE", "LOGIN")
	for i, user := range p.users {
		p.rows[i] = append(p.rows[i], user.Email, string(user.Role), string(user.Login))
	}
}

// write writes a part. A single part has no heading.
func (p *part) write(s *cli.Session, o Options, alone bool) error {
	if len(p.rows) == 0 {
		to := s.Out
		if alone {
			to = s.ErrOut
		}
		cli.Say(to, "%s\n", p.empty)
		return nil
	}
	if !alone && p.title != "" {
		cli.Say(s.Out, "%s\n", s.Paint(cli.Bold, p.title))
	}
	titles := p.headers
	if o.NoHeaders {
		titles = nil
	}
	_, err := io.WriteString(s.Out, printer.Table(titles, p.rows))
	return err
}
