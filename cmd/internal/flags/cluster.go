package flags

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// AddKubeconfigFlag adds --kubeconfig.
func AddKubeconfigFlag(flags *pflag.FlagSet, kubeconfig *string) {
	flags.StringVar(kubeconfig, "kubeconfig", "", "path of a kubeconfig `file` for the cluster")
}

// FindCluster finds the cluster by flag, environment variable, or pod. With a kubeconfig
// it also returns the namespace of the current context.
func FindCluster(kubeconfig string) (cluster *rest.Config, namespace string, err error) {
	if kubeconfig == "" && os.Getenv(clientcmd.RecommendedConfigPathEnvVar) == "" {
		cluster, err = rest.InClusterConfig()
		if errors.Is(err, rest.ErrNotInCluster) {
			return nil, "", errors.New("no cluster: set --kubeconfig or KUBECONFIG, or run in a pod")
		}
		return cluster, "", err
	}
	rules := clientcmd.NewDefaultClientConfigLoadingRules()
	rules.ExplicitPath = kubeconfig
	found := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, nil)
	if cluster, err = found.ClientConfig(); err != nil {
		return nil, "", fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if namespace, _, err = found.Namespace(); err != nil {
		return nil, "", fmt.Errorf("reading the namespace in the kubeconfig: %w", err)
	}
	return cluster, namespace, nil
}
