package main

import (
	"strings"
	"testing"
	"time"
)

func TestTheTimeOfAProcessIsReadWhateverItsName(t *testing.T) {
	t.Parallel()
	const stat = "17 (a) b (c) S 1 17 17 0 -1 4194560 100 0 0 0 250 50 7 7 20 0 9 0 100"
	if got, err := parseCPUTime(stat); err != nil || got != 3*time.Second {
		t.Errorf("got %s, %v, want 3s", got, err)
	}
	if _, err := parseCPUTime("17 (a) S 1"); err == nil {
		t.Error("got no error for a line that is cut short")
	}
}

func TestMemoryIsInBytes(t *testing.T) {
	t.Parallel()
	got, err := parseMemory("Name:\tgate\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\nRssFile:\t     512 kB\n")
	if want := (memory{Resident: 1 << 20, Peak: 2 << 20, File: 1 << 19}); err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := parseMemory("Name:\tgate\n"); err == nil {
		t.Error("got no error where there is nothing")
	}
}

// The wants are what `htpasswd` and `openssl passwd -apr1` make.
func TestPasswordsAreStoredAsHtpasswdDoes(t *testing.T) {
	t.Parallel()
	if got, want := htpasswdSHA("password"), "{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g="; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for secret, want := range map[string]string{
		"password":                 "$apr1$benchmrk$7ve3Rf17Wv.oU.lBV.b3O0",
		strings.Repeat("long", 10): "$apr1$benchmrk$R3DSs/ECpSZWGMvv4iebb1",
	} {
		if got := htpasswdAPR1(secret, "benchmrk"); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
