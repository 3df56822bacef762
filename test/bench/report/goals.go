// Package report is what the benchmarks have in common: goals, and figures for people and
// for programs.
package report

import (
	"errors"
	"fmt"
)

// Goal is what was to be reached, and what was.
type Goal struct {
	What     string  `json:"what"`
	Goal     float64 `json:"goal"`
	Measured float64 `json:"measured"`
	Unit     string  `json:"unit"`
	Met      bool    `json:"met"`
	// Count reports whether it is a count, which other work on the machine does not change.
	Count bool `json:"count,omitempty"`

	sign string
}

// columns are what was measured, and what was to be.
func (g Goal) columns() (measured, goal, met string) {
	met = "MISSED"
	if g.Met {
		met = "met"
	}
	return fmt.Sprintf("%.6g", round(g.Measured)), fmt.Sprintf("%s %.6g", g.sign, g.Goal), met
}

// Goals are the goals of a report.
type Goals []Goal

// AtLeast judges what should be high.
func (g *Goals) AtLeast(what string, goal, measured float64, unit string) {
	*g = append(*g, Goal{What: what, Goal: goal, Measured: measured, Unit: unit, Met: measured >= goal, sign: "≥"})
}

// AtMost judges what should be low.
func (g *Goals) AtMost(what string, goal, measured float64, unit string) {
	*g = append(*g, Goal{What: what, Goal: goal, Measured: measured, Unit: unit, Met: measured <= goal, sign: "≤"})
}

// AtMostCount judges a count that should be low.
func (g *Goals) AtMostCount(what string, goal, measured float64) {
	g.AtMost(what, goal, measured, "")
	(*g)[len(*g)-1].Count = true
}

// MissedCounts is an error if a count missed its goal.
func (g *Goals) MissedCounts() error {
	var errs []error
	for _, one := range *g {
		if one.Count && !one.Met {
			errs = append(errs, fmt.Errorf("%s: %.6g, and the goal is %s %.6g", one.What, one.Measured, one.sign, one.Goal))
		}
	}
	return errors.Join(errs...)
}

// Goals adds the goals as a table.
func (t Table) Goals(goals Goals) {
	t.Line("WHAT\tMEASURED\tUNIT\tGOAL\t")
	for _, one := range goals {
		measured, goal, met := one.columns()
		t.Line("%s\t%s\t%s\t%s\t%s", one.What, measured, one.Unit, goal, met)
	}
}

// GoalsLast adds the goals as rows that end with what they are of.
func (t Table) GoalsLast(goals Goals) {
	t.Line("\tMEASURED\tGOAL\tUNIT\tOF THE GOALS")
	for _, one := range goals {
		measured, goal, met := one.columns()
		t.Line("\t%s\t%s\t%s\t%s: %s", measured, goal, one.Unit, met, one.What)
	}
}
