package oidctest

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

func startIssuer(t *testing.T) *Issuer {
	t.Helper()
	issuer, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := issuer.Close(); err != nil {
			t.Error(err)
		}
	})
	return issuer
}

// fetch reads a document of the issuer as a client that trusts only its CA.
func fetch(t *testing.T, issuer *Issuer, url string, document any) {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(issuer.CA()) {
		t.Fatal("the CA is not a certificate in PEM")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %s", url, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(document); err != nil {
		t.Fatal(err)
	}
}

func TestTokensVerifyWithTheKeysFromDiscovery(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	issuer.Now = func() time.Time { return now }
	text, err := issuer.Token(map[string]any{"email": "ana@example.com", "email_verified": true})
	if err != nil {
		t.Fatal(err)
	}
	var metadata struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	fetch(t, issuer, issuer.URL()+"/.well-known/openid-configuration", &metadata)
	if metadata.Issuer != issuer.URL() {
		t.Errorf("the metadata name the issuer %s, want %s", metadata.Issuer, issuer.URL())
	}
	var keys jose.JSONWebKeySet
	fetch(t, issuer, metadata.Keys, &keys)
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var standard jwt.Claims
	var own struct {
		Email    string `json:"email"`
		Verified bool   `json:"email_verified"`
	}
	if err := token.Claims(keys, &standard, &own); err != nil {
		t.Fatal(err)
	}
	if own.Email != "ana@example.com" || !own.Verified {
		t.Errorf("the token has the claims %+v", own)
	}
	for name, at := range map[string]struct {
		time  time.Time
		valid bool
	}{
		"at its start":   {now, true},
		"before its end": {now.Add(TokenLifetime - time.Second), true},
		"after its end":  {now.Add(TokenLifetime + time.Second), false},
	} {
		expected := jwt.Expected{Issuer: issuer.URL(), AnyAudience: jwt.Audience{Audience}, Time: at.time}
		if err := standard.ValidateWithLeeway(expected, 0); (err == nil) != at.valid {
			t.Errorf("%s: got %v, want valid %v", name, err, at.valid)
		}
	}
}

func TestClaimsOverrideTheDefaultsOfTheIssuer(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	text, err := issuer.Token(map[string]any{"aud": []string{"another"}, "exp": 1})
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var claims jwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
		t.Fatal(err)
	}
	if !claims.Audience.Contains("another") || claims.Audience.Contains(Audience) || claims.Expiry.Time().Unix() != 1 {
		t.Errorf("the token is for %v until %v", claims.Audience, claims.Expiry.Time())
	}
}

func TestTheIssuerIsNotTrustedWithoutItsCA(t *testing.T) {
	t.Parallel()
	issuer := startIssuer(t)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer.URL()+discovery, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := (&http.Client{Transport: &http.Transport{}}).Do(request)
	if err == nil {
		response.Body.Close()
		t.Error("a client trusts the issuer without its CA")
	}
}
