package mail

import (
	"testing"
	"time"
)

func TestSteadyClockStandsStillWhenItsSourceIsSetBack(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	source := start
	clock := steadyClock{source: func() time.Time { return source }}
	for _, step := range []struct{ source, want time.Duration }{
		{0, 0},
		{time.Minute, time.Minute},
		{-time.Hour, time.Minute},
		{-time.Hour + time.Second, time.Minute + time.Second},
		{-2 * time.Hour, time.Minute + time.Second},
		{24 * time.Hour, 26*time.Hour + time.Minute + time.Second},
	} {
		source = start.Add(step.source)
		if got := clock.now().Sub(start); got != step.want {
			t.Errorf("with the source at %v: %v, want %v", step.source, got, step.want)
		}
	}
	now := clock.now()
	for ahead, want := range map[time.Duration]time.Duration{-time.Hour: -time.Hour, time.Second: time.Second, time.Hour: time.Minute} {
		if got := clock.at(source.Add(ahead), time.Minute).Sub(now); got != want {
			t.Errorf("a time %v ahead is converted to %v, want %v", ahead, got, want)
		}
	}
}
