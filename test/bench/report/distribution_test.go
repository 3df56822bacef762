package report

import (
	"testing"
	"time"
)

func TestAQuantileIsOneOfTheValues(t *testing.T) {
	t.Parallel()
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i+1) * time.Millisecond
	}
	for percent, want := range map[int]time.Duration{50: hundred[49], 99: hundred[98], 100: hundred[99]} {
		if got := quantile(hundred, percent); got != want {
			t.Errorf("quantile %d is %s, want %s", percent, got, want)
		}
	}
	if got := quantile(nil, 99); got != 0 {
		t.Errorf("quantile of nothing is %s", got)
	}
}
