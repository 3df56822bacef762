// Package flags holds the flags that the manager and the gate share.
package flags

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
)

// AddProbeFlag adds --health-probe-bind-address.
func AddProbeFlag(flags *pflag.FlagSet, address *string) {
	flags.StringVar(address, "health-probe-bind-address", ":8081", "`address` to serve /healthz and /readyz on; 0 disables probes")
}

// TrimNamespaces trims spaces from the names in a flag. It returns an error for invalid
// and repeated names.
func TrimNamespaces(flag string, namespaces []string) error {
	for i, namespace := range namespaces {
		name := strings.TrimSpace(namespace)
		switch {
		case name == "":
			return fmt.Errorf("%s has an empty name: separate the names by single commas", flag)
		case len(validation.IsDNS1123Label(name)) > 0:
			return fmt.Errorf("%s has %q, which is not a valid namespace name: use lowercase letters, digits, and hyphens", flag, name)
		case slices.Contains(namespaces[:i], name):
			return fmt.Errorf("%s has %q twice: list each namespace once", flag, name)
		}
		namespaces[i] = name
	}
	return nil
}

// ParseSecretName parses a value of --session-key-secret.
func ParseSecretName(value string) (types.NamespacedName, error) {
	namespace, name, ok := strings.Cut(value, "/")
	if !ok || namespace == "" || name == "" || strings.Contains(name, "/") {
		return types.NamespacedName{}, fmt.Errorf("--session-key-secret is %q: write it as namespace/name", value)
	}
	return types.NamespacedName{Namespace: namespace, Name: name}, nil
}
