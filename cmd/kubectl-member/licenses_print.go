package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"
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
func (r *licensesReport) write(s *session, o licensesOptions) error {
	switch o.format {
	case asJSON, asYAML:
		text, err := json.Marshal(r)
		if err != nil {
			return fmt.Errorf("writing the licences: %w", err)
		}
		shown, err := formatted(string(text), o.format)
		if err != nil {
			return err
		}
		_, err = io.WriteString(s.Out, shown)
		return err
	case asName:
		return lines{s.Out}.write(r.names())
	case asCSV:
		return r.writeSheet(s, o)
	default:
		return r.writeTables(s, o)
	}
}

// names are those who wait and those who hold, each once.
func (r *licensesReport) names() [][]string {
	var rows [][]string
	seen := map[string]bool{}
	for _, users := range [][]seatUser{r.Waiting, r.Holders} {
		for _, user := range users {
			if !seen[user.Name] {
				rows = append(rows, []string{memberResource().fullName + "/" + user.Name})
			}
			seen[user.Name] = true
		}
	}
	return rows
}

// writeSheet writes csv: the seats if they alone are asked for, else the members.
func (r *licensesReport) writeSheet(s *session, o licensesOptions) error {
	out := &sheet{to: csv.NewWriter(s.Out), headers: []string{"name", "email", "holds", "waitsFor", "source", "role", "login", "since"}}
	var rows [][]string
	if o.seats && !o.holders && !o.waiting {
		out.headers = []string{"tier", "seats", "used", "free", "waiting"}
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
				user.Name, unformulated(user.Email), string(user.Tier), string(user.Requested), string(user.Source), string(user.Role), string(user.Login), since,
			})
		}
	}
	if o.noHeaders {
		out.headers = nil
	}
	if err := out.write(rows); err != nil {
		return err
	}
	return out.close()
}

// seatRows are the numbers of seats.
func (r *licensesReport) seatRows() [][]string {
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
func (r *licensesReport) writeTables(s *session, o licensesOptions) error {
	var parts []part
	if r.Seats != nil {
		parts = append(parts, part{headers: []string{"TIER", "SEATS", "USED", "FREE", "WAITING"}, rows: r.seatRows()})
	}
	if r.Waiting != nil {
		parts = append(parts, part{
			"Who waits, of each licence the next one first", "Nobody waits for a seat.",
			[]string{"NAME", "FOR", "HOLDS", "SOURCE", "SINCE"},
			r.waitingRows(s.now()), r.Waiting,
		})
	}
	if r.Holders != nil {
		parts = append(parts, part{"Who holds a seat", "Nobody holds a seat.", []string{"NAME", "TIER", "SOURCE"}, r.holderRows(), r.Holders})
	}
	for i, p := range parts {
		if o.format == asWide && p.users != nil {
			p.widen()
		}
		if i > 0 {
			say(s.Out, "\n")
		}
		if err := p.write(s, o, len(parts) == 1); err != nil {
			return err
		}
	}
	return nil
}

// waitingRows are those who wait.
func (r *licensesReport) waitingRows(now time.Time) [][]string {
	var rows [][]string
	for _, user := range r.Waiting {
		since := ""
		if user.Since != nil {
			since = age(*user.Since, now)
		}
		rows = append(rows, []string{user.Name, string(user.Requested), string(user.Tier), string(user.Source), since})
	}
	return rows
}

// holderRows are those who hold a seat.
func (r *licensesReport) holderRows() [][]string {
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
func (p *part) write(s *session, o licensesOptions, alone bool) error {
	if len(p.rows) == 0 {
		to := s.Out
		if alone {
			to = s.ErrOut
		}
		say(to, "%s\n", p.nobody)
		return nil
	}
	if !alone && p.title != "" {
		say(s.Out, "%s\n", s.paint(bold, p.title))
	}
	t := &table{to: s.Out, bare: o.noHeaders}
	for _, title := range p.headers {
		t.headers = append(t.headers, header{title: title})
	}
	for _, row := range p.rows {
		for i := range row {
			row[i] = onOneLine(row[i])
		}
	}
	return t.write(p.rows)
}
