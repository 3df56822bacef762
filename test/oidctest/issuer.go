// Package oidctest is a real OpenID Connect issuer for tests. An API server finds its
// keys by discovery, over HTTPS on the loopback address, and accepts the ID tokens that
// it signs. The issuer has no login: a test requests a token.
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// Audience is the default audience of a token.
	Audience = "rollcall"

	// TokenLifetime is the default lifetime of a token.
	TokenLifetime = time.Hour

	// algorithm is the one that every OpenID Connect client must support (OpenID
	// Connect Core 1.0, section 15.1).
	algorithm = jose.RS256

	keySize   = 2048 // bits
	keysPath  = "/keys"
	discovery = "/.well-known/openid-configuration"
)

// Issuer is a running OpenID Connect issuer.
type Issuer struct {
	// Now is the clock for tokens, by default the computer's. A test may change it
	// before the first token.
	Now func() time.Time

	server *httptest.Server
	signer jose.Signer
}

// Start starts an issuer with a new key on a free port of 127.0.0.1.
func Start() (*Issuer, error) {
	key, err := rsa.GenerateKey(rand.Reader, keySize)
	if err != nil {
		return nil, fmt.Errorf("creating the issuer's key: %w", err)
	}
	public := jose.JSONWebKey{Key: key.Public(), KeyID: rand.Text(), Algorithm: string(algorithm), Use: "sig"}
	private := jose.JSONWebKey{Key: key, KeyID: public.KeyID}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: private}, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return nil, fmt.Errorf("creating the issuer's key: %w", err)
	}
	i := &Issuer{Now: time.Now, signer: signer} //nolint:forbidigo // API servers check tokens with the computer's clock
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+discovery, func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, i.metadata()) })
	mux.HandleFunc("GET "+keysPath, func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{public}})
	})
	i.server = httptest.NewUnstartedServer(mux)
	i.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.server.StartTLS()
	return i, nil
}

// metadata returns the part of the issuer's metadata (OpenID Connect Discovery 1.0,
// section 3) that clients need to verify tokens.
func (i *Issuer) metadata() map[string]any {
	return map[string]any{
		"issuer":                                i.URL(),
		"jwks_uri":                              i.URL() + keysPath,
		"response_types_supported":              []string{"id_token"},
		"subject_types_supported":               []string{"public"},
		"id_token_signing_alg_values_supported": []jose.SignatureAlgorithm{algorithm},
	}
}

// writeJSON answers with a document.
func writeJSON(w http.ResponseWriter, document any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(document) //nolint:errcheck,errchkjson // the documents are valid, and a lost client needs no answer
}

// URL returns the issuer's identifier, the claim iss of its tokens: https://127.0.0.1
// with a port.
func (i *Issuer) URL() string { return i.server.URL }

// CA returns the certificate, in PEM, of the authority that clients must trust to reach
// URL.
func (i *Issuer) CA() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.server.Certificate().Raw})
}

// Token returns a signed ID token (OpenID Connect Core 1.0, section 2) with claims such
// as email and email_verified. Claims override the defaults of sub, aud, iat, and exp;
// times are seconds since 1970. It fails if JSON cannot express the claims.
func (i *Issuer) Token(claims map[string]any) (string, error) {
	now := i.Now()
	all := map[string]any{
		"iss": i.URL(),
		"sub": "unnamed",
		"aud": Audience,
		"iat": jwt.NewNumericDate(now),
		"exp": jwt.NewNumericDate(now.Add(TokenLifetime)),
	}
	maps.Copy(all, claims)
	token, err := jwt.Signed(i.signer).Claims(all).Serialize()
	if err != nil {
		return "", fmt.Errorf("signing a token of the issuer %s: %w", i.URL(), err)
	}
	return token, nil
}

// Close stops the issuer and waits for its end; Token still works. The error is always
// nil: it makes the Issuer an io.Closer.
func (i *Issuer) Close() error {
	i.server.Close()
	return nil
}
