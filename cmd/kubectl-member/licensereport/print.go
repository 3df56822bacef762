package licensereport

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"rollcall.dev/rollcall/cmd/kubectl-member/cli"
	"rollcall.dev/rollcall/cmd/kubectl-member/humanize"
	"rollcall.dev/rollcall/cmd/kubectl-member/printer"
	"rollcall.dev/rollcall/cmd/kubectl-member/query"
)

// part is a table of what `kubectl member licenses` shows.
type part struct {
	title, nobody string
	headers       []string
	rows          [][]string
	// users are the members of the rows.
	users []seatUser
}

// write writes the report in the format that was asked for.
func (r *Report) write(s *cli.Session, o Options) error {
	switch o.Format {
	case printer.FormatJSON, printer.FormatYAML:
		text, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing the licences: %w", err)
		}
		shown, err := printer.FormatObject(string(text), o.Format)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.Out, shown)
		return err
	case printer.FormatName:
		return printer.NameWriter{To: s.Out}.WriteRows(r.names())
	case printer.FormatCSV:
		return r.writeSheet(s, o)
	default:
		return r.writeTables(s, o)
	}
}

// names are those who wait and those who hold, each once.
func (r *Report) names() [][]string {
	var rows [][]string
	seen := map[string]bool{}
	for _, users := range [][]seatUser{r.Waiting, r.Holders} {
		for _, user := range users {
			if !seen[user.Name] {
				rows = append(rows, []string{query.Members().FullName + "/" + user.Name})
			}
			seen[user.Name] = true
		}
	}
	return rows
}

// writeSheet writes csv: the seats if they alone are asked for, else the members.
func (r *Report) writeSheet(s *cli.Session, o Options) error {
	out := &printer.CSVWriter{To: csv.NewWriter(s.Out), Headers: []string{"name", "email", "holds", "waitsFor", "source", "role", "login", "since"}}
	var rows [][]string
	if o.Seats && !o.Holders && !o.Waiting {
		out.Headers = []string{"tier", "seats", "used", "free", "waiting"}
		rows = r.seatRows()
	}
	seen := map[string]bool{}
	for _, users := range [][]seatUser{r.Waiting, r.Holders} {
		for _, user := range users {
			if seen[user.Name] {
				continue
			}
			seen[user.Name] = true
			since := ""
			if user.Since != nil {
				since = user.Since.UTC().Format(time.RFC3339)
			}
			rows = append(rows, []string{
				user.Name, printer.EscapeFormula(user.Email), string(user.Tier), string(user.Requested), string(user.Source), string(user.Role), string(user.Login), since,
			})
		}
	}
	if o.NoHeaders {
		out.Headers = nil
	}
	if err := out.WriteRows(rows); err != nil {
		return err
	}
	return out.Close()
}

// seatRows are the numbers of seats.
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

// writeTables writes what is there: one table as it is, several below one another
// with headings.
func (r *Report) writeTables(s *cli.Session, o Options) error {
	var parts []part
	if r.Seats != nil {
		parts = append(parts, part{headers: []string{"TIER", "SEATS", "USED", "FREE", "WAITING"}, rows: r.seatRows()})
	}
	if r.Waiting != nil {
		parts = append(parts, part{
			"Who waits, of each licence the next one first", "Nobody waits for a seat.",
			[]string{"NAME", "FOR", "HOLDS", "SOURCE", "SINCE"},
			r.waitingRows(s.Now()), r.Waiting,
		})
	}
	if r.Holders != nil {
		parts = append(parts, part{"Who holds a seat", "Nobody holds a seat.", []string{"NAME", "TIER", "SOURCE"}, r.holderRows(), r.Holders})
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

// waitingRows are those who wait.
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

// holderRows are those who hold a seat.
func (r *Report) holderRows() [][]string {
	var rows [][]string
	for _, user := range r.Holders {
		rows = append(rows, []string{user.Name, string(user.Tier), string(user.Source)})
	}
	return rows
}

// widen adds the columns of -o wide.
func (p *part) widen() {
	p.headers = append(p.headers, "EMAIL", "ROLE", "LOGIN")
	for i, user := range p.users {
		p.rows[i] = append(p.rows[i], user.Email, string(user.Role), string(user.Login))
	}
}

// write writes a part; one that is alone as other listings are.
func (p *part) write(s *cli.Session, o Options, alone bool) error {
	if len(p.rows) == 0 {
		to := s.Out
		if alone {
			to = s.ErrOut
		}
		cli.Say(to, "%s\n", p.nobody)
		return nil
	}
	if !alone && p.title != "" {
		cli.Say(s.Out, "%s\n", s.Paint(cli.Bold, p.title))
	}
	t := &printer.TableWriter{To: s.Out, NoHeaders: o.NoHeaders}
	for _, title := range p.headers {
		t.Headers = append(t.Headers, printer.Header{Title: title})
	}
	for _, row := range p.rows {
		for i := range row {
			row[i] = humanize.OneLine(row[i])
		}
	}
	return t.WriteRows(p.rows)
}
