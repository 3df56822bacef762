package gate

import (
	"slices"
	"strings"
	"time"
)

// The Secret with the session keys of the login gate has an entry for each key.
// Its name is when the key begins to be used, in UTC, so that to rotate is to add
// an entry: every gate has the key before any gate uses it.
const (
	SessionKeyLayout = "20060102T150405Z"
	SessionKeyBytes  = 32
)

// SessionKeys are the keys in a Secret, the oldest first. Entries that are no keys
// are left out.
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
