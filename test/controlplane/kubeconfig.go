package controlplane

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// tokenLifetime is longer than any test or demo runs.
const tokenLifetime = 24 * time.Hour

// ServiceAccountConfig returns a config that acts with exactly the permissions
// of a ServiceAccount, which must exist, by a token of its own that lasts 24
// hours. It has no rate limit.
func (c *ControlPlane) ServiceAccountConfig(ctx context.Context, namespace, name string) (*rest.Config, error) {
	client, err := kubernetes.NewForConfig(c.Config)
	if err != nil {
		return nil, err
	}
	seconds := int64(tokenLifetime / time.Second)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	token, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("a token for the service account %s of namespace %s: %w", name, namespace, err)
	}
	config := rest.AnonymousClientConfig(c.Config)
	config.BearerToken = token.Status.Token
	config.QPS, config.Burst = -1, 0
	return config, nil
}

// UserConfig returns a config that acts as the user of that name in those
// groups, besides system:authenticated, by a client certificate of its own that
// lasts a week. Any name will do, such as oidc:ana@example.com: the user has no
// permissions but those that roles give. It has no rate limit.
func (c *ControlPlane) UserConfig(name string, groups ...string) (*rest.Config, error) {
	c.users.Lock()
	defer c.users.Unlock()
	user, err := c.env.AddUser(envtest.User{Name: name, Groups: groups}, &rest.Config{QPS: -1})
	if err != nil {
		return nil, fmt.Errorf("a client certificate for the user %q: %w", name, err)
	}
	return user.Config(), nil
}

// WriteKubeconfig writes a config to the file path, readable by this user only.
// Client certificates and tokens are kept; other ways to authenticate are not.
func WriteKubeconfig(path string, config *rest.Config) error {
	const name = "rollcall"
	file := clientcmdapi.NewConfig()
	file.Clusters[name] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	file.AuthInfos[name] = &clientcmdapi.AuthInfo{
		ClientCertificateData: config.CertData,
		ClientKeyData:         config.KeyData,
		Token:                 config.BearerToken,
	}
	file.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: name}
	file.CurrentContext = name
	// A file that is there already would keep its mode.
	err := os.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = clientcmd.WriteToFile(*file, path)
	}
	if err != nil {
		return fmt.Errorf("the kubeconfig %s: %w", path, err)
	}
	return nil
}
