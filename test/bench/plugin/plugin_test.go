package plugin

import (
	"testing"

	"rollcall.dev/rollcall/test/bench/operator"
	"rollcall.dev/rollcall/test/bench/report/reporttest"
)

func TestOfThePluginOnlyCountsFailTheBenchmark(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil  func(*pluginReport)
		missed int
		fails  string
	}{
		"nothing":           {func(*pluginReport) {}, 0, ""},
		"slow":              {func(r *pluginReport) { r.Import.Seconds = 13 }, 1, ""},
		"a late first line": {func(r *pluginReport) { r.List.FirstLine = 1.01 }, 1, ""},
		"large":             {func(r *pluginReport) { r.List.Peak = 201e6 }, 1, ""},
		"a letter too many": {func(r *pluginReport) { r.Letters = 101 }, 1, "letters for each row"},
		"a line too few":    {func(r *pluginReport) { r.List.Lines = 1001 }, 1, "members that the list lacks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &pluginReport{
				Floor: operator.FloorFigures{PerSecond: 10}, Rows: 100, Letters: 100, Import: pluginRun{Seconds: 12},
				Members: 1000, List: pluginRun{FirstLine: 1, Peak: 200e6, Lines: 1002},
			}
			test.spoil(r)
			r.judge()
			reporttest.CheckMissed(t, r.Goals, test.missed, test.fails)
		})
	}
}
