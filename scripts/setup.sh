#!/bin/sh
# Make .venv and install the project into it from a lock file; does nothing where that is done already.
# usage: scripts/setup.sh LOCKFILE
set -eu
cd "$(dirname "$0")/.."
lock=$1
venv=.venv

say() { printf '%s\n' "$*" >&2; }

find_python() {
    for python in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$python"
            return
        fi
    done
    say "setup: Python 3.11 or newer is needed; PYTHON=… names one that is not on the path"
    exit 1
}

# Debian keeps the part of Python that makes virtual environments in a package of its own.
need_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        say "setup: installing python3-venv"
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq python3-venv; } >/dev/null
        "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    fi
    say "setup: $1 cannot make virtual environments; on Debian: apt-get install python3-venv"
    exit 1
}

# An environment for tests serves the demo as well, so the demo never takes it down again.
# The folder is part of what it was made from: a virtual environment cannot be moved.
wanted="$PWD $(cat requirements.lock pyproject.toml | cksum)"
full="$PWD $(cat requirements-dev.lock pyproject.toml | cksum)"
[ "$lock" = requirements.lock ] || wanted=$full
made=$(cat "$venv/.made-from" 2>/dev/null || true)
if [ -x "$venv/bin/matrix" ] && { [ "$made" = "$wanted" ] || [ "$made" = "$full" ]; } &&
    "$venv/bin/python" -c 'import matrix_console' 2>/dev/null; then
    exit 0
fi

python=$(find_python)
need_venv "$python"
say "setup: making $venv from $lock (once)"
rm -rf "$venv"
trap 'rm -rf "$venv"' INT TERM HUP
"$python" -m venv "$venv"
pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 "$venv/bin/python" -m pip --quiet --no-input "$@"; }
pip install --require-hashes -r "$lock"
pip install --no-deps --no-build-isolation --editable .
"$venv/bin/python" -m compileall -q "$venv/lib" common grammar sources emitters distributor dmetad console || true
printf '%s\n' "$wanted" >"$venv/.made-from"
