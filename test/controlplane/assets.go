package controlplane

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// AssetsVariable is the environment variable that names the folder of the
// control plane's binaries, as for every kubebuilder project.
const AssetsVariable = "KUBEBUILDER_ASSETS"

// binaries are what a control plane needs.
var binaries = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kubectl"}

// kubernetesVersion finds the version in hack/controlplane/go.mod that
// hack/controlplane/build.sh names its folder after.
var kubernetesVersion = regexp.MustCompile(`(?m)^\s*(?:require\s+)?k8s\.io/kubernetes v(\S+)`)

// FindAssets returns the folder of the control plane's binaries: what
// KUBEBUILDER_ASSETS says, else where hack/controlplane/build.sh puts them. The
// error says how to get them.
func FindAssets() (string, error) {
	if folder := os.Getenv(AssetsVariable); folder != "" {
		folder, err := filepath.Abs(folder)
		if err != nil {
			return "", fmt.Errorf("the folder that %s names: %w", AssetsVariable, err)
		}
		return folder, checkAssets(folder)
	}
	folder, err := builtAssets()
	if err != nil {
		return "", err
	}
	// The stamp is written last: without it, a build is incomplete.
	if _, err := os.Stat(filepath.Join(folder, "stamp")); err != nil {
		return "", fmt.Errorf("no control plane in %s: run `make controlplane` to build it, or set %s to a folder that has one",
			folder, AssetsVariable)
	}
	return folder, checkAssets(folder)
}

func checkAssets(folder string) error {
	for _, name := range binaries {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil { //nolint:gosec // the developer says which folder, and nothing in it is read
			return fmt.Errorf("no %s in %s: run `make controlplane` with %s unset to build one: %w",
				name, folder, AssetsVariable, err)
		}
	}
	return nil
}

// builtAssets is the folder that hack/controlplane/build.sh builds into.
func builtAssets() (string, error) {
	root, err := RepositoryRoot()
	if err != nil {
		return "", err
	}
	file := filepath.Join(root, "hack", "controlplane", "go.mod")
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		return "", err
	}
	version := kubernetesVersion.FindSubmatch(text)
	if version == nil {
		return "", fmt.Errorf("%s requires no k8s.io/kubernetes: set %s to a folder with %v", file, AssetsVariable, binaries)
	}
	cache := cmp.Or(os.Getenv("XDG_CACHE_HOME"), filepath.Join(os.Getenv("HOME"), ".cache"))
	build := string(version[1]) + "-" + runtime.GOOS + "-" + runtime.GOARCH
	return filepath.Join(cache, "rollcall", "controlplane", "k8s", build), nil
}

// RepositoryRoot is the repository's folder: the nearest one, from the working
// directory upwards, that can build a control plane.
func RepositoryRoot() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "hack", "controlplane", "build.sh")); err == nil {
			return folder, nil
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			return "", errors.New("no control plane: the working directory is outside the repository, so set " +
				AssetsVariable + ", or run `make controlplane` there and start again")
		}
		folder = parent
	}
}
