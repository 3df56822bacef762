package directory

import (
	"slices"
	"strings"
	"testing"

	"rollcall.dev/rollcall/internal/gate"
)

func TestSessionKeysAreTheValidEntriesOldestFirst(t *testing.T) {
	t.Parallel()
	key := []byte(strings.Repeat("k", gate.SessionKeyBytes))
	keys := gate.SessionKeys(map[string][]byte{
		"20260302T090000Z": key, "20251231T235959Z": key,
		"20260303T090000Z": key[1:], "20260304T0900": key, "current": key, "20261302T090000Z": key,
	})
	var names []string
	for _, key := range keys {
		names = append(names, key.ID)
	}
	if want := []string{"20251231T235959Z", "20260302T090000Z"}; !slices.Equal(names, want) {
		t.Fatalf("keys %v, want %v", names, want)
	}
	if !keys[1].From.Equal(testTime) {
		t.Errorf("the key is valid from %s, want %s", keys[1].From, testTime)
	}
}
