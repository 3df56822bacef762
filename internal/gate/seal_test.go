package gate_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall.dev/rollcall/internal/gate"
)

// Another implementation of JWE opens the gate's tokens: nonce, text, and tag are where
// the standard puts them.
func TestATokenIsAStandardJWE(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	token, err := jose.ParseEncryptedCompact(cookie.Value, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A256GCM})
	if err != nil {
		t.Fatal(err)
	}
	key := env.keys[len(env.keys)-1]
	if token.Header.KeyID != key.ID || token.Header.ExtraHeaders[jose.HeaderType] != "rollcall-session" {
		t.Errorf("the header is %+v", token.Header)
	}
	content, err := token.Decrypt(key.Secret)
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(content, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["namespace"] != support || claims["uid"] != env.members[support][0].UID {
		t.Errorf("the claims are %v", claims)
	}
}

func TestEveryTokenHasANewNonce(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	seen := map[string]bool{}
	for range 100 {
		nonce := strings.Split(env.logIn(t, "ana").Value, ".")[2]
		if seen[nonce] {
			t.Fatal("a nonce came twice")
		}
		seen[nonce] = true
	}
}

func TestAnInvalidKeyDoesNotAffectOtherKeys(t *testing.T) {
	t.Parallel()
	env := newEnvironment(t)
	cookie := env.logIn(t, "ana")
	env.keys = append([]gate.Key{{ID: "20200101T000000Z", Secret: []byte("short"), From: time.Time{}}}, env.keys...)
	r := newRequest("/verify/support/any")
	r.AddCookie(cookie)
	if answer := newBrowser(env).send(r); answer.Code != http.StatusOK {
		t.Errorf("the answer is %d", answer.Code)
	}
}
