package main

import (
	"strings"
	"testing"
)

func TestShowSaysThatTheUserCannotReadEvents(t *testing.T) {
	t.Parallel()
	d := newQuietDesk(t)
	d.create(d.member("ana"))
	d.allow("watcher", []string{"members"}, "get")
	got := d.plugin("show", "ana", "--as", "watcher").done(t)
	if want := "not shown: you are not allowed to list events in namespace " + d.namespace; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
