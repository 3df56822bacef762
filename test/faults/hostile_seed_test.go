//go:build faults

package faults

import (
	"slices"
	"testing"
)

func TestTheSameSeedMakesTheSameManifests(t *testing.T) {
	t.Parallel()
	env := &environment{seed: 7}
	first, second := generateHostile(env.stream(1)), generateHostile(env.stream(1))
	if !slices.Equal(first, second) {
		t.Error("two runs differ")
	}
	counts := map[verdict]int{}
	for _, one := range first {
		counts[one.want]++
	}
	t.Logf("%d: %v", len(first), counts)
	other := generateHostile(env.stream(2))
	if slices.Equal(first, other) {
		t.Error("another seed makes the same")
	}
}
