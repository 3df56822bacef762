#!/usr/bin/env bash
# Removes the kinds, and with them every ContactCenter, Member and so on of the
# cluster, and the Secrets with the members' passwords. Says so first, and
# does it only when told yes:
#   hack/uninstall.sh KUBECTL yes
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# KUBECTL may carry options, such as --context.
read -ra kubectl <<<"$1"
confirm=$2

installed=$("${kubectl[@]}" get customresourcedefinitions --output=name |
	grep -E '[.]rollcall[.]dev$' || true)
if [[ -z "${installed}" ]]; then
	echo "The kinds of rollcall.dev are not installed; there is nothing to remove."
	exit 0
fi

cat <<TEXT
This removes from the cluster, in all namespaces and for good:

${installed}

and with them:

TEXT
# Their names, as kubectl get takes several kinds: with commas.
kinds=$(cut -d/ -f2 <<<"${installed}" | paste -sd, -)
"${kubectl[@]}" get "${kinds}" \
	--all-namespaces --ignore-not-found
cat <<TEXT

The Secrets with the members' passwords go with the members.
TEXT

if [[ "${confirm}" != yes ]]; then
	cat >&2 <<TEXT

Nothing was removed. To remove all that, run: make uninstall CONFIRM=yes
To remove the operator and keep the people, run: make undeploy
TEXT
	exit 1
fi
bin/kustomize build config/crd | "${kubectl[@]}" delete --ignore-not-found -f -
