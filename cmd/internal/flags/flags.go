package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
)

// AddProbeFlag adds the flag for the health probes.
func AddProbeFlag(flags *pflag.FlagSet, address *string) {
	flags.StringVar(address, "health-probe-bind-address", ":8081", "address to serve /healthz and /readyz on; 0 for no probes")
}

// TrimNamespaces takes spaces off the names that a flag has, and refuses what are no
// names, and a name that is there twice.
func TrimNamespaces(flag string, namespaces []string) error {
	for i, namespace := range namespaces {
		name := strings.TrimSpace(namespace)
		switch {
		case name == "":
			return fmt.Errorf("%s has an empty name: separate the names by single commas", flag)
		case len(validation.IsDNS1123Label(name)) > 0:
			return fmt.Errorf("%s has %q, which no namespace can be called: names have lower-case letters, digits and hyphens", flag, name)
		case slices.Contains(namespaces[:i], name):
			return fmt.Errorf("%s has %q twice: name each namespace once", flag, name)
		}
		namespaces[i] = name
	}
	return nil
}

// ParseSecretName reads namespace/name.
func ParseSecretName(given string) (types.NamespacedName, error) {
	namespace, name, ok := strings.Cut(given, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return types.NamespacedName{}, fmt.Errorf("--session-key-secret is %q: write it as namespace/name", given)
	}
	return types.NamespacedName{Namespace: namespace, Name: name}, nil
}
