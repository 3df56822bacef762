#!/usr/bin/env bash
# Installs what `make test-interop` needs and is missing here: nginx, Caddy and
# Chromium, from the distribution's packages (Debian's names). It takes root, and
# starts no service: the tests run the programs themselves.
#
#   --check  installs nothing, and fails if anything is missing
set -euo pipefail

# Debian keeps nginx where only root looks.
PATH=${PATH}:/usr/sbin:/sbin
# Each package is named as the program that is in it.
missing=()
for program in nginx caddy chromium; do
	command -v "${program}" >/dev/null || missing+=("${program}")
done
if ((${#missing[@]} == 0)); then
	exit 0
fi
say() { echo "test/interop/install.sh: $*" >&2; }
command="apt-get install --no-install-recommends ${missing[*]}"
if [[ ${1:-} == --check ]]; then
	say "packages are missing: ${missing[*]}: run test/interop/install.sh as root, or ${command}"
	exit 1
fi
if ! command -v apt-get >/dev/null; then
	say "install ${missing[*]} by hand, there is no apt-get here"
	exit 1
fi
if ((EUID != 0)); then
	say "only root may install packages: run ${command} as root"
	exit 1
fi

# Debian's packages start their services, unless this program forbids it.
policy=/usr/sbin/policy-rc.d
if [[ ! -e ${policy} ]]; then
	trap 'rm -f "${policy}"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"${policy}"
	chmod 755 "${policy}"
fi
say "installing ${missing[*]}"
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
