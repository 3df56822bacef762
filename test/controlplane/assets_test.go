package controlplane

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAssetsWithoutAControllerManagerAreRefused(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"etcd", "kube-apiserver", "kubectl"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(AssetsVariable, dir)
	_, err := FindAssets()
	if err == nil || !strings.Contains(err.Error(), "kube-controller-manager") || !strings.Contains(err.Error(), "make controlplane") {
		t.Errorf("got %v, want an error that names the missing program and `make controlplane`", err)
	}
}

func TestWithoutABuildTheErrorSaysHowToBuild(t *testing.T) {
	t.Setenv(AssetsVariable, "")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	_, err := FindAssets()
	if err == nil || !strings.Contains(err.Error(), "make controlplane") {
		t.Errorf("got %v, want an error that says to run `make controlplane`", err)
	}
}
