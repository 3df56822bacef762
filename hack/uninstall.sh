#!/usr/bin/env bash
# Removes the CRDs of rollcall.dev from the cluster, with all their objects
# (ContactCenters, Members, …) and the Secrets with the members' passwords. It lists
# them first and removes them only with the argument yes:
#   hack/uninstall.sh KUBECTL yes
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# KUBECTL may include options, such as --context.
read -ra kubectl <<<"$1"
confirm=$2

installed=$("${kubectl[@]}" get customresourcedefinitions --output=name |
	grep -E '[.]rollcall[.]dev$' || true)
if [[ -z "${installed}" ]]; then
	echo "The CRDs of rollcall.dev are not installed; there is nothing to remove."
	exit 0
fi

cat <<TEXT
This removes from the cluster, in all namespaces and for good:

${installed}

and with them:

TEXT
# kubectl get takes several resource kinds separated by commas.
resources=$(cut -d/ -f2 <<<"${installed}" | paste -sd, -)
"${kubectl[@]}" get "${resources}" \
	--all-namespaces --ignore-not-found
cat <<TEXT

The Secrets with the members' passwords are removed too.
TEXT

if [[ "${confirm}" != yes ]]; then
	cat >&2 <<TEXT

Nothing was removed. To remove all of this, run: make uninstall CONFIRM=yes
To remove the operator and keep the members, run: make undeploy
TEXT
	exit 1
fi
bin/kustomize build config/crd | "${kubectl[@]}" delete --ignore-not-found -f -
