//go:build tools

// Package controlplane pins the programs of a Kubernetes control plane.
// The build.sh beside this file builds them for the tests and the demo.
package controlplane

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kube-controller-manager"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
