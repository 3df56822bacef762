package report

import (
	"slices"
	"time"
)

// Distribution says how long something took, in milliseconds.
type Distribution struct {
	Count int     `json:"count"`
	P50   float64 `json:"p50"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// DistributionOf summarizes durations.
func DistributionOf(durations []time.Duration) Distribution {
	sorted := slices.Sorted(slices.Values(durations))
	milliseconds := func(percent int) float64 {
		return float64(quantile(sorted, percent)) / float64(time.Millisecond)
	}
	return Distribution{Count: len(sorted), P50: milliseconds(50), P99: milliseconds(99), Max: milliseconds(100)}
}

// quantile is the least of the sorted durations that so many per cent of them do not
// exceed (nearest rank); 0 if there are none.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}
