package main

import (
	"errors"
	"strings"
	"testing"
)

func TestACommandIsQuotedForAShell(t *testing.T) {
	t.Parallel()
	for want, words := range map[string][]string{
		"kubectl get members -o wide":  {"kubectl", "get", "members", "-o", "wide"},
		`-p '{"spec":{"name":"x y"}}'`: {"-p", `{"spec":{"name":"x y"}}`},
		`'it'\''s' ''`:                 {"it's", ""},
	} {
		if got := command(words...); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestAStepNamesTheExpectationsThatFail(t *testing.T) {
	t.Parallel()
	if err := expect(expectation{"one", true}, expectation{"two", true}); err != nil {
		t.Errorf("got %v, want no error", err)
	}
	err := expect(expectation{"one", true}, expectation{"two", false}, expectation{"three", false})
	if !errors.Is(err, errStep) || strings.Contains(err.Error(), "one") ||
		!strings.Contains(err.Error(), "two") || !strings.Contains(err.Error(), "three") {
		t.Errorf("got %v, want two and three named", err)
	}
}
