#!/usr/bin/env bash
# Builds etcd, kube-apiserver, kube-controller-manager, and kubectl from the Go
# modules pinned in the go.mod beside this file, and prints the folder they are in.
#
# The folder is in the user's cache and named as in setup-envtest
# (k8s/<version>-<os>-<arch>), so that all checkouts share one build.
# If KUBEBUILDER_ASSETS is set, the script prints it and builds nothing.
set -euo pipefail

if [[ -n "${KUBEBUILDER_ASSETS:-}" ]]; then
	echo "${KUBEBUILDER_ASSETS}"
	exit 0
fi

cd "$(dirname "${BASH_SOURCE[0]}")"

say() { echo "controlplane: $*" >&2; }

version=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
platform="$(go env GOOS)-$(go env GOARCH)"
assets="${XDG_CACHE_HOME:-${HOME}/.cache}/rollcall/controlplane/k8s/${version#v}-${platform}"
stamp=$(cat go.mod go.sum build.sh | git hash-object --stdin)

if [[ "$(cat "${assets}/stamp" 2>/dev/null || true)" == "${stamp}" ]]; then
	echo "${assets}"
	exit 0
fi

say "building Kubernetes ${version} and etcd from source, once; this takes about six minutes on two cores"
mkdir -p "$(dirname "${assets}")"
building=$(mktemp -d "${assets}.XXXXXX")
trap 'rm -rf "${building}"' EXIT

IFS=. read -r major minor _ <<<"${version#v}"
component=k8s.io/component-base/version
# Without a version, kubectl cannot parse the server's answers.
ldflags="-s -w -X ${component}.gitVersion=${version} -X ${component}.gitMajor=${major} -X ${component}.gitMinor=${minor}"

step=0
build() { # build NAME PACKAGE
	step=$((step + 1))
	say "building $1 (${step} of 4)"
	local begun=${SECONDS}
	CGO_ENABLED=0 go build -trimpath -ldflags "${ldflags}" -o "${building}/$1" "$2"
	say "built $1 in $((SECONDS - begun)) s"
}
build etcd go.etcd.io/etcd/server/v3
build kube-apiserver k8s.io/kubernetes/cmd/kube-apiserver
build kube-controller-manager k8s.io/kubernetes/cmd/kube-controller-manager
build kubectl k8s.io/kubernetes/cmd/kubectl

echo "${stamp}" >"${building}/stamp"
# Another build may have finished in the meantime; both results are equivalent.
rm -rf "${assets}"
mv -T "${building}" "${assets}" 2>/dev/null || mv "${building}" "${assets}"
trap - EXIT
say "the control plane is in ${assets}"
echo "${assets}"
