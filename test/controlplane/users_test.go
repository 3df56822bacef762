package controlplane

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// whoAmI asks the API server who a config acts as.
func whoAmI(ctx context.Context, config *rest.Config) (authenticationv1.UserInfo, error) {
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	review, err := client.AuthenticationV1().SelfSubjectReviews().
		Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return review.Status.UserInfo, nil
}

func knowsUsers(t *testing.T, c *ControlPlane) {
	t.Helper()
	for description, test := range map[string]struct {
		name   string
		groups []string
	}{
		"with groups": {"oidc:ana@example.com", []string{"desk", "night shift"}},
		"by himself":  {"oidc:li@example.com", nil},
		// X.509 has 64 characters for a name (RFC 5280, appendix A.1).
		"with a name too long for X.509": {"oidc:" + strings.Repeat("l", 64) + "@example.com", nil},
	} {
		t.Run(description, func(t *testing.T) {
			t.Parallel()
			name := test.name
			config, err := c.UserConfig(name, test.groups...)
			if err != nil {
				t.Fatal(err)
			}
			user, err := whoAmI(t.Context(), config)
			if err != nil {
				t.Fatal(err)
			}
			if want := append(slices.Clone(test.groups), "system:authenticated"); user.Username != name || !slices.Equal(user.Groups, want) {
				t.Errorf("it is %s of %q, want groups %q", user.Username, user.Groups, want)
			}
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.CoreV1().Secrets("default").List(t.Context(), metav1.ListOptions{})
			if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), name) {
				t.Errorf("listing secrets returned %v, want a refusal that names the user", err)
			}
			kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
			if err := WriteKubeconfig(kubeconfig, config); err != nil {
				t.Fatal(err)
			}
			out, err := c.Kubectl(t.Context(), "", "--kubeconfig="+kubeconfig, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
			if err != nil || out != name {
				t.Errorf("kubectl acts as %q, %v", out, err)
			}
		})
	}
}

func edits(t *testing.T, c *ControlPlane, client kubernetes.Interface) {
	t.Helper()
	create(t, client, "edited", nil)
	cmd := c.KubectlCommand(t.Context(), "edit", "configmap", "edited")
	cmd.Env = append(cmd.Env, "KUBE_EDITOR=sed -i 's/^metadata:/data: {by: editor}\\n&/'")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	object, err := client.CoreV1().ConfigMaps("default").Get(t.Context(), "edited", metav1.GetOptions{})
	if err != nil || object.Data["by"] != "editor" {
		t.Errorf("it has %v, %v", object.Data, err)
	}
}
