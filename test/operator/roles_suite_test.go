package operator

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

	"rollcall.dev/rollcall/test/oidctest"
)

// documented is the YAML of a kind that a page of docs/ shows.
func documented(page, kind string) (string, error) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
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

// identityAndAudit starts the issuer of ID tokens, and returns the flags with
// which the shared API server takes them and writes its audit log, both as
// docs/roles.md and docs/audit.md tell people to.
func identityAndAudit() (map[string]string, error) {
	var err error
	if suite.folder, err = os.MkdirTemp("", "rollcall-suite-"); err != nil {
		return nil, err
	}
	if suite.issuer, err = oidctest.Start(); err != nil {
		return nil, err
	}
	authentication, err := authenticationFor(suite.issuer)
	if err != nil {
		return nil, err
	}
	auditPolicy, err := documented("audit.md", "Policy")
	if err != nil {
		return nil, err
	}
	flags := map[string]string{"audit-log-path": auditLog()}
	for flag, text := range map[string]string{"authentication-config": authentication, "audit-policy-file": auditPolicy} {
		flags[flag] = filepath.Join(suite.folder, flag+".yaml")
		if err := os.WriteFile(flags[flag], []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return flags, nil
}

// auditLog is the file that the shared API server writes its audit log to.
func auditLog() string { return filepath.Join(suite.folder, "audit.log") }

// audience is whom the tokens are for in docs/roles.md.
const audience = "kubernetes"

// authenticationFor is the AuthenticationConfiguration of docs/roles.md with the
// address and the authority of an issuer of ours.
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

// withToken acts as the person whose verified e-mail address is in an ID token.
func withToken(t *testing.T, email string) *rest.Config {
	t.Helper()
	config := withClaims(t, map[string]any{"email": email, "email_verified": true})
	awaitKeys(t, config)
	return config
}

// withClaims acts as whomever an ID token is about.
func withClaims(t *testing.T, claims map[string]any) *rest.Config {
	t.Helper()
	claims["aud"] = audience
	token, err := suite.issuer.Token(claims)
	if err != nil {
		t.Fatal(err)
	}
	config := rest.AnonymousClientConfig(suite.plane.Config)
	config.BearerToken, config.QPS = token, -1
	return config
}

// awaitKeys waits until the API server has fetched the issuer's keys, which it
// does beside its start: until then it refuses every token.
func awaitKeys(t *testing.T, config *rest.Config) {
	t.Helper()
	asker := clientFor(t, config)
	var review authenticationv1.SelfSubjectReview
	err := wait.PollUntilContextTimeout(t.Context(), 20*time.Millisecond, patience, true, func(ctx context.Context) (bool, error) {
		err := asker.Create(ctx, &review)
		if apierrors.IsUnauthorized(err) {
			return false, nil
		}
		return err == nil, err
	})
	if err != nil {
		t.Fatalf("the API server does not take the issuer's tokens: %v", err)
	}
}

// withCertificate acts as the user whom a client certificate names.
func withCertificate(t *testing.T, username string, groups ...string) *rest.Config {
	t.Helper()
	config, err := suite.plane.UserConfig(username, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// impersonating acts as somebody else, with the permissions of a cluster
// administrator to do so; in the group system:masters, so that RBAC lets
// everything pass and only the guards refuse.
func impersonating(username string) *rest.Config {
	config := rest.CopyConfig(suite.plane.Config)
	config.Impersonate = rest.ImpersonationConfig{UserName: username, Groups: []string{"system:masters"}}
	return config
}

// clientFor is a client of the shared API server that acts as a config says.
func clientFor(t *testing.T, config *rest.Config) client.WithWatch {
	t.Helper()
	c, err := client.NewWithWatch(config, client.Options{Scheme: suite.admin.Scheme(), Mapper: suite.admin.RESTMapper()})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
