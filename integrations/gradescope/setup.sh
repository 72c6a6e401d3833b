#!/usr/bin/env bash
# Gradescope runs this as root when it builds the autograder: it installs the wheel, or the source archive, of Refute that
# is in the zip beside it. Nothing is installed by name: whoever has a name in a package index would run here.
set -euo pipefail

folder=${REFUTE_SOURCE:-/autograder/source}
venv=${REFUTE_VENV:-/opt/refute}

fail() {
    printf 'setup.sh: %s\n' "$1" >&2
    exit 1
}

is_new_enough() {
    "$1" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

newest_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if is_new_enough "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    return 1
}

shopt -s nullglob
built=("$folder"/refute-*.whl "$folder"/refute-*.tar.gz)
((${#built[@]} == 1)) || fail "expected one refute-*.whl or refute-*.tar.gz in the zip, got ${#built[@]}"

if ! python=$(newest_python); then
    apt-get update -qq
    apt-get install -y -qq python3 python3-venv
    python=$(newest_python) || fail 'Python 3.11 or newer is needed: choose the base image Ubuntu 24.04'
fi
"$python" -m venv "$venv"
"$venv/bin/python" -m pip install --quiet "${built[0]}"
"$venv/bin/refute" --version
