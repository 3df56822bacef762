package main

import (
	"errors"
	"fmt"
)

// goal is what was to be reached, and what was.
type goal struct {
	What     string  `json:"what"`
	Goal     float64 `json:"goal"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit"`
	Met      bool    `json:"met"`
	// Count reports whether it is a count, which other work on the machine does not change.
	Count bool `json:"count,omitempty"`

	sign string
}

// goals are the goals of a report.
type goals []goal

// atLeast judges what should be high.
func (g *goals) atLeast(what string, goalIs, measured float64, unit string) {
	*g = append(*g, goal{What: what, Goal: goalIs, Measured: measured, Unit: unit, Met: measured >= goalIs, sign: "≥"})
}

// atMost judges what should be low.
func (g *goals) atMost(what string, goalIs, measured float64, unit string) {
	*g = append(*g, goal{What: what, Goal: goalIs, Measured: measured, Unit: unit, Met: measured <= goalIs, sign: "≤"})
}

// count judges a count that should be low.
func (g *goals) count(what string, goalIs, measured float64) {
	g.atMost(what, goalIs, measured, "")
	(*g)[len(*g)-1].Count = true
}

// missedCounts is an error if a count missed its goal.
func (g goals) missedCounts() error {
	var errs []error
	for _, one := range g {
		if one.Count && !one.Met {
			errs = append(errs, fmt.Errorf("%s: %.6g, and the goal is %s %.6g", one.What, one.Measured, one.sign, one.Goal))
		}
	}
	return errors.Join(errs...)
}

// write writes the goals as a table.
func (g goals) write(line func(format string, args ...any)) {
	line("WHAT\tMEASURED\tUNIT\tGOAL\t")
	for _, one := range g {
		line("%s\t%.6g\t%s\t%s %.6g\t%s", one.What, round(one.Measured), one.Unit, one.sign, one.Goal, met(one.Met))
	}
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "MISSED"
}

// round leaves two decimals.
func round(f float64) float64 { return float64(int64(f*100+0.5)) / 100 }

// megabytes are of a million bytes, which is stricter than of 2^20.
func megabytes(bytes int64) float64 { return float64(bytes) / 1e6 }
