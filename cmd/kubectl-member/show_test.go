package main

import (
	"strings"
	"testing"
)

func TestShowSaysThatTheUserCannotReadEvents(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	env.CreateAll(env.Member("ana"))
	env.allow("watcher", []string{"members"}, "get")
	got := env.plugin("show", "ana", "--as", "watcher").done(t)
	if want := "not shown: you are not allowed to list events in namespace " + env.Namespace; !strings.Contains(got, want) {
		t.Errorf("got %s", got)
	}
}
