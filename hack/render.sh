#!/usr/bin/env bash
# Writes the manifests of a folder in config/ with another image:
#   hack/render.sh FOLDER IMAGE FILE
# FILE is - for standard output. The overlay is in a temporary folder, so that no
# tracked file changes.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=$1 image=$2 file=$3
kustomize=${PWD}/bin/kustomize

# Kustomize accepts no absolute path to a base, so the overlay is inside the checkout.
mkdir -p bin
overlay=$(mktemp -d bin/overlay.XXXXXX)
trap 'rm -rf "${overlay}"' EXIT
cat >"${overlay}/kustomization.yaml" <<YAML
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../config/${folder}
YAML
(cd "${overlay}" && "${kustomize}" edit set image "controller=${image}")
if [[ "${file}" == - ]]; then
	"${kustomize}" build "${overlay}"
else
	mkdir -p "$(dirname "${file}")"
	"${kustomize}" build "${overlay}" >"${file}"
fi
