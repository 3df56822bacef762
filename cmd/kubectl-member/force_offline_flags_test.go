package main

import (
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

func TestForceOfflineEndsInTheFuture(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 8, 0, 0, 300, time.UTC)
	for _, test := range []struct {
		flags []string
		want  string // the time, or a part of the refusal
	}{
		{nil, "0001-01-01T00:00:00Z"},
		{[]string{"--for=8h"}, "2030-01-01T16:00:01Z"},
		{[]string{"--for=1ms"}, "2030-01-01T08:00:01Z"},
		{[]string{"--until=2030-01-01T10:00:00+01:00"}, "2030-01-01T09:00:00Z"},
		{[]string{"--until=2030-01-01T08:00:00Z"}, "has passed (it is 2030-01-01T08:00:00Z)"},
		{[]string{"--until=2030-01-01T08:00:00.5Z"}, "has passed"},
		{[]string{"--until=2029-12-31T08:00:00Z"}, "has passed"},
		{[]string{"--until=tomorrow"}, "for example 2030-01-01T09:00:00Z"},
		{[]string{"--until="}, "is not a time"},
		{[]string{"--for=0"}, "greater than zero"},
		{[]string{"--for=-1h"}, "greater than zero"},
		{[]string{"--for=8h", "--until=2031-01-01T10:00:00Z"}, "either --until or --for"},
		{[]string{"--reason=" + strings.Repeat("é", 256)}, "0001-01-01T00:00:00Z"},
		{[]string{"--reason=" + strings.Repeat("é", 257)}, "257 characters"},
	} {
		var asked cutOff
		command := &cobra.Command{}
		command.Flags().StringVar(&asked.until, "until", "", "")
		command.Flags().DurationVar(&asked.length, "for", 0, "")
		command.Flags().StringVar(&asked.reason, "reason", "", "")
		if err := command.ParseFlags(test.flags); err != nil {
			t.Fatal(err)
		}
		end, err := asked.end(command, now)
		got := end.Format(time.RFC3339Nano)
		if err != nil {
			got = err.Error()
		}
		if err == nil && got != test.want || err != nil && !strings.Contains(got, test.want) {
			t.Errorf("%.40v: %s, not %s", test.flags, got, test.want)
		}
	}
}
