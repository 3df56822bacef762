#!/usr/bin/env bash
# Checks that generated files are current, that every folder in config/ builds,
# and that the modules are tidy. It changes nothing: it deletes and regenerates the
# files in a copy of the checkout. That also finds generated files without a source,
# whether Git tracks them or not.
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

# Prints the files of the checkout, except ignored and deleted ones.
files() {
	git ls-files --cached --others --exclude-standard -z |
		while IFS= read -r -d '' file; do
			[[ ! -e "${file}" && ! -L "${file}" ]] || printf '%s\0' "${file}"
		done | sort -zu
}
files | tar --create --null --no-recursion --files-from=- | tar --extract --directory="${copy}"
# The copy uses the tools of the checkout.
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
# Compare both ways: a file that is only in the copy is missing from the checkout.
while IFS= read -r -d '' file; do
	[[ -e "${copy}/${file}" ]] || fail "${file} is no longer generated: delete it"
done < <(files)
while IFS= read -r -d '' file; do
	if ! diff --unified --label "${file}" --label "${file} (generated)" \
		"${root}/${file}" "${copy}/${file}" >&2; then
		fail "${file} is out of date: run make generate manifests docs"
	fi
done < <(cd "${copy}" && find . -type f -printf '%P\0' | sort -z)

say "kustomizations"
for folder in config/*/; do
	if [[ -e "${folder}kustomization.yaml" ]]; then
		bin/kustomize build "${folder}" >/dev/null || fail "${folder} does not build"
	fi
done
# docs/install.md promises these; one wrong patch would break them.
if bin/kustomize build config/namespaced | grep -E '^kind: (Cluster|Namespace$|CustomResource)'; then
	fail "config/namespaced needs permissions beyond its namespace"
fi
if bin/kustomize build config/undeploy | grep -E '^kind: (Namespace|CustomResourceDefinition)$'; then
	fail "config/undeploy removes members: make undeploy must keep the CRDs and the namespace"
fi

say "modules"
for module in . hack/controlplane hack/tools/*/; do
	go -C "${module}" mod tidy -diff >&2 || fail "${module%/}/go.mod is not tidy: run make tidy"
done

say "scripts"
while IFS= read -r -d '' script; do
	bash -n "${script}" || fail "${script} does not parse"
	[[ -x "${script}" ]] || fail "${script} is not executable: run chmod +x ${script}"
done < <(files | grep -zE '[.]sh$|^[.]ci/run$')

exit "${failed}"
