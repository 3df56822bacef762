package gate

import (
	"strings"
	"testing"
)

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
