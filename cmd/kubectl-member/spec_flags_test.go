package main

import (
	"fmt"
	"strings"
	"testing"
)

func TestMembershipsAreWrittenAsNameAndPriority(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ words, want string }{
		{"billing", "[{billing 0}]"},
		{"billing:1,sales:5", "[{billing 1} {sales 5}]"},
		{"billing:0", "from 1 (highest) to 5"},
		{"billing:6", "from 1 (highest) to 5"},
		{"billing:", "from 1 (highest) to 5"},
		{":1", "give the name"},
		{"billing,billing:2", "twice"},
	} {
		groups, err := parseGroups("group", strings.Split(test.words, ","))
		got := fmt.Sprint(groups)
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) {
			t.Errorf("%s: %s, not %s", test.words, got, test.want)
		}
	}
}
