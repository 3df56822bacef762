package testenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"rollcall.dev/rollcall/test/controlplane"
	"rollcall.dev/rollcall/test/oidctest"
)

// audience is the audience of the tokens in docs/roles.md.
const audience = "kubernetes"

// startIdentity starts the issuer of ID tokens, and returns the flags with which the
// API server accepts them and writes its audit log, both as the docs describe.
func (c *Cluster) startIdentity() (flags map[string]string, err error) {
	if c.folder, err = os.MkdirTemp("", "rollcall-identity-"); err != nil {
		return nil, err
	}
	if c.Issuer, err = oidctest.Start(); err != nil {
		return nil, err
	}
	authentication, err := authenticationFor(c.Issuer)
	if err != nil {
		return nil, err
	}
	policy, err := documented("audit.md", "Policy")
	if err != nil {
		return nil, err
	}
	c.AuditLog = filepath.Join(c.folder, "audit.log")
	flags = map[string]string{"audit-log-path": c.AuditLog}
	for flag, text := range map[string]string{"authentication-config": authentication, "audit-policy-file": policy} {
		flags[flag] = filepath.Join(c.folder, flag+".yaml")
		if err := os.WriteFile(flags[flag], []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return flags, nil
}

// documented returns the YAML of a resource kind that a page of docs/ shows.
func documented(page, kind string) (string, error) {
	root, err := controlplane.RepositoryRoot()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Clean(filepath.Join(root, "docs", page)))
	if err != nil {
		return "", err
	}
	for block := range strings.SplitSeq(string(text), "```yaml\n") {
		block, _, _ = strings.Cut(block, "```")
		if strings.HasPrefix(block, "apiVersion: ") && strings.Contains(block, "\nkind: "+kind+"\n") {
			return block, nil
		}
	}
	return "", fmt.Errorf("docs/%s shows no %s", page, kind)
}

// authenticationFor returns the AuthenticationConfiguration of docs/roles.md with the
// address and the certificate authority of the issuer.
func authenticationFor(issuer *oidctest.Issuer) (string, error) {
	text, err := documented("roles.md", "AuthenticationConfiguration")
	if err != nil {
		return "", err
	}
	var file struct {
		JWT        []map[string]any `json:"jwt"`
		APIVersion string           `json:"apiVersion"`
		Kind       string           `json:"kind"`
	}
	if err := yaml.UnmarshalStrict([]byte(text), &file); err != nil {
		return "", fmt.Errorf("the AuthenticationConfiguration of docs/roles.md: %w", err)
	}
	for field, value := range map[string]string{"url": issuer.URL(), "certificateAuthority": string(issuer.CA())} {
		if err := unstructured.SetNestedField(file.JWT[0], value, "issuer", field); err != nil {
			return "", err
		}
	}
	whole, err := yaml.Marshal(file)
	return string(whole), err
}

// TokenConfig returns a config that acts as the user with a verified e-mail address,
// by an ID token.
func (c *Cluster) TokenConfig(t *testing.T, email string) *rest.Config {
	t.Helper()
	config := c.ClaimsConfig(t, map[string]any{"email": email, "email_verified": true})
	c.awaitKeys(t, config)
	return config
}

// ClaimsConfig returns a config that authenticates by an ID token with claims.
func (c *Cluster) ClaimsConfig(t *testing.T, claims map[string]any) *rest.Config {
	t.Helper()
	claims["aud"] = audience
	token, err := c.Issuer.Token(claims)
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken, config.QPS = token, -1
	return config
}

// awaitKeys waits until the API server has fetched the issuer's keys. It fetches them
// after it is ready, and refuses every token before.
func (c *Cluster) awaitKeys(t *testing.T, config *rest.Config) {
	t.Helper()
	user := c.ClientFor(t, config)
	var review authenticationv1.SelfSubjectReview
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, DefaultPatience, true, func(ctx context.Context) (bool, error) {
		err := user.Create(ctx, &review)
		if apierrors.IsUnauthorized(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatalf("the API server does not accept the issuer's tokens: %v", err)
	}
}

// CertificateConfig returns a config that acts as the user of a client certificate.
func (c *Cluster) CertificateConfig(t *testing.T, username string, groups ...string) *rest.Config {
	t.Helper()
	config, err := c.UserConfig(username, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// ClientFor returns a client that acts as a config says.
func (c *Cluster) ClientFor(t *testing.T, config *rest.Config) client.WithWatch {
	t.Helper()
	user, err := c.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	return user
}
