package gate

import (
	"slices"
	"strings"
	"time"
)

// The Secret with the session keys of the login gate has an entry for each key. The name
// of an entry is the time, in UTC, at which gates start to use the key. An administrator
// rotates keys by adding an entry: every gate has the key before any gate uses it.
const (
	// SessionKeyLayout is the time layout of the names.
	SessionKeyLayout = "20060102T150405Z"
	// SessionKeyBytes is the length of a key.
	SessionKeyBytes = 32
)

// SessionKeys returns the keys in a Secret, the oldest first. It ignores entries that
// are not valid keys.
func SessionKeys(data map[string][]byte) []Key {
	var keys []Key
	for name, value := range data {
		from, err := time.Parse(SessionKeyLayout, name)
		if err != nil || len(value) != SessionKeyBytes {
			continue
		}
		keys = append(keys, Key{ID: name, Secret: value, From: from})
	}
	slices.SortFunc(keys, func(a, b Key) int { return strings.Compare(a.ID, b.ID) })
	return keys
}
