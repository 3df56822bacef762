// Package reporttest tests reports.
package reporttest

import (
	"strings"
	"testing"

	"rollcall.dev/rollcall/test/bench/report"
)

// CheckMissed checks that so many goals are missed, and that a count among them fails
// the benchmark with these words; empty if there is none.
func CheckMissed(t *testing.T, goals report.Goals, want int, fails string) {
	t.Helper()
	missed := 0
	for _, one := range goals {
		if !one.Met {
			missed++
		}
	}
	if missed != want {
		t.Errorf("%d goals are missed, want %d", missed, want)
	}
	err := goals.MissedCounts()
	if (err != nil) != (fails != "") || err != nil && !strings.Contains(err.Error(), fails) {
		t.Errorf("got %v, want %q", err, fails)
	}
}
