#!/usr/bin/env bash
# Checks that what is generated is current, that every folder of config/ builds,
# and that the modules are tidy. It changes nothing: the files are generated in
# a copy of the checkout, from which the old ones were taken away first, so that
# a generated file whose source is gone is found too, tracked by Git or not.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=${PWD}
copy=$(mktemp -d)
trap 'rm -rf "${copy}"' EXIT

say() { echo "verify: $*"; }
failed=0
fail() {
	echo "verify: FAILED: $*" >&2
	failed=1
}

# What the checkout has: all but what Git ignores and what was deleted.
files() {
	git ls-files --cached --others --exclude-standard -z |
		while IFS= read -r -d '' file; do
			[[ ! -e "${file}" && ! -L "${file}" ]] || printf '%s\0' "${file}"
		done | sort -zu
}
files | tar --create --null --no-recursion --files-from=- | tar --extract --directory="${copy}"
# The tools of the checkout serve the copy.
ln -s "${root}/bin" "${copy}/bin"

say "generated files"
rm -rf "${copy}/config/crd/bases" "${copy}/config/rbac/role.yaml" "${copy}/docs/api.md"
find "${copy}" -name 'zz_generated.*' -delete
generator=$(mktemp)
if ! make --no-print-directory -C "${copy}" generate manifests docs >"${generator}" 2>&1; then
	cat "${generator}" >&2
	fail "a generator failed"
fi
rm -f "${generator}" "${copy}/bin"
# Both ways: a file that only the copy has is missing in the checkout.
while IFS= read -r -d '' file; do
	[[ -e "${copy}/${file}" ]] || fail "${file} is generated no more: delete it"
done < <(files)
while IFS= read -r -d '' file; do
	if ! diff --unified --label "${file}" --label "${file} (generated)" \
		"${root}/${file}" "${copy}/${file}" >&2; then
		fail "${file} is not current: run make generate manifests docs"
	fi
done < <(cd "${copy}" && find . -type f -printf '%P\0' | sort -z)

say "kustomizations"
for folder in config/*/; do
	if [[ -e "${folder}kustomization.yaml" ]]; then
		bin/kustomize build "${folder}" >/dev/null || fail "${folder} does not build"
	fi
done
# Promises of docs/install.md that one wrong patch would break.
if bin/kustomize build config/namespaced | grep -E '^kind: (Cluster|Namespace$|CustomResource)'; then
	fail "config/namespaced needs permissions beyond its namespace"
fi
if bin/kustomize build config/undeploy | grep -E '^kind: (Namespace|CustomResourceDefinition)$'; then
	fail "config/undeploy removes people: make undeploy must keep the kinds and the namespace"
fi

say "modules"
for module in . hack/tools hack/controlplane; do
	go -C "${module}" mod tidy -diff >&2 || fail "${module}/go.mod is not tidy: run make tidy"
done

say "scripts"
while IFS= read -r -d '' script; do
	bash -n "${script}" || fail "${script} does not parse"
	[[ -x "${script}" ]] || fail "${script} is not executable: run chmod +x ${script}"
done < <(files | grep -zE '[.]sh$|^[.]ci/run$')

exit "${failed}"
