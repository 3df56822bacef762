package controlplane

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/test/oidctest"
)

// keysTimeout is longer than the 10 seconds after which an API server that did
// not get an issuer's keys asks again.
const keysTimeout = 30 * time.Second

func TestAControlPlaneTakesTheTokensOfAnIssuer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a control plane")
	}
	issuer, err := oidctest.Start()
	if err != nil {
		t.Fatal(err)
	}
	// Registered first, so the API server is gone when the issuer goes.
	t.Cleanup(func() {
		if err := issuer.Close(); err != nil {
			t.Error(err)
		}
	})
	c := start(t, map[string]string{"authentication-config": writeAuthentication(t, issuer)})
	waitForKeys(t, c, issuer)
	yesterday := time.Now().AddDate(0, 0, -1).Unix() //nolint:forbidigo // the API server's clock is the real one
	for name, test := range map[string]struct {
		claims map[string]any
		want   string // the user's name; "": 401
	}{
		"a verified e-mail address":                 {ana("email_verified", true), "oidc:ana@example.com"},
		"an address without a statement about it":   {map[string]any{"email": "ana@example.com"}, "oidc:ana@example.com"},
		"an unverified address":                     {ana("email_verified", false), ""},
		"an address verified by a word, not a fact": {ana("email_verified", "true"), ""},
		"no address":                   {map[string]any{"email_verified": true}, ""},
		"a token for another audience": {ana("aud", "another"), ""},
		"a token that has expired":     {ana("exp", yesterday), ""},
		"a token of another issuer":    {ana("iss", "https://issuer.example.com"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			user, err := whoAmI(t.Context(), tokenConfig(t, c, issuer, test.claims))
			switch {
			case test.want == "" && !apierrors.IsUnauthorized(err):
				t.Errorf("got %q and %v, want 401", user.Username, err)
			case test.want != "" && (err != nil || user.Username != test.want):
				t.Errorf("got %q and %v, want %s", user.Username, err, test.want)
			}
		})
	}
}

// ana is what an issuer says about Ana, but for one claim.
func ana(claim string, value any) map[string]any {
	claims := map[string]any{"email": "ana@example.com", "email_verified": true}
	claims[claim] = value
	return claims
}

// writeAuthentication writes the file that makes an API server take the
// issuer's tokens.
func writeAuthentication(t *testing.T, issuer *oidctest.Issuer) string {
	t.Helper()
	text, err := yaml.Marshal(map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1",
		"kind":       "AuthenticationConfiguration",
		"jwt": []any{map[string]any{
			"issuer": map[string]any{
				"url":                  issuer.URL(),
				"audiences":            []string{oidctest.Audience},
				"certificateAuthority": string(issuer.CA()),
			},
			"claimMappings": map[string]any{
				"username": map[string]any{"claim": "email", "prefix": "oidc:"},
			},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "authentication.yaml")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// waitForKeys waits until the API server has fetched the issuer's keys, which it
// does beside its start: until then it refuses every token.
func waitForKeys(t *testing.T, c *ControlPlane, issuer *oidctest.Issuer) {
	t.Helper()
	config := tokenConfig(t, c, issuer, ana("email_verified", true))
	begun := time.Now() //nolint:forbidigo // measures the API server
	err := wait.PollUntilContextTimeout(t.Context(), pollInterval, keysTimeout, true, func(ctx context.Context) (bool, error) {
		_, err := whoAmI(ctx, config)
		if apierrors.IsUnauthorized(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatalf("the API server does not take the issuer's tokens (its log is kube-apiserver.log): %v", err)
	}
	t.Logf("the API server took the first token %s after its start", time.Since(begun)) //nolint:forbidigo // as above
}

// tokenConfig returns a config that acts as the user of a token's claims.
func tokenConfig(t *testing.T, c *ControlPlane, issuer *oidctest.Issuer, claims map[string]any) *rest.Config {
	t.Helper()
	token, err := issuer.Token(claims)
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token
	return config
}
