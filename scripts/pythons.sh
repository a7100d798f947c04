#!/bin/sh
# Prove the other versions of Python that pyproject.toml names: the fast tests and the demo with each, in an environment
# of its own from the lock. Minutes, and it asks the package index: run it before a release. `make test` runs the oldest.
# usage: scripts/pythons.sh [VERSION …]
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || {
    # shellcheck disable=SC2046  # a word each
    set -- $(sed -n 's/.*"Programming Language :: Python :: \(3\.[0-9]*\)".*/\1/p' pyproject.toml | tail -n +2)
}

# The interpreter of a version: on the path, or where pyenv keeps it. Nothing where there is none.
interpreter() {
    for python in "python$1" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$1".*/bin/python; do
        "$python" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$1')" 2>/dev/null || continue
        printf '%s\n' "$python"
        return
    done
}

missing=
for version in "$@"; do [ -n "$(interpreter "$version")" ] || missing="$missing python$version"; done
if [ -n "$missing" ]; then
    printf 'pythons: missing, or without venv:%s\n' "$missing" >&2
    printf 'pythons: put them on the path, as by: pyenv install%s\n' "$(printf '%s' "$missing" | sed 's/python//g')" >&2
    exit 1
fi
scripts/parts.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_DISABLE_PIP_VERSION_CHECK
path=$PATH
for version in "$@"; do
    printf '\n== Python %s\n' "$version"
    venv=$work/$version
    "$(interpreter "$version")" -m venv "$venv"
    for what in '--require-hashes -r requirements-dev.lock' '--no-deps --no-build-isolation --editable .'; do
        # shellcheck disable=SC2086  # words
        "$venv/bin/pip" install --progress-bar off $what >"$work/pip" 2>&1 || { cat "$work/pip"; exit 1; }
    done
    PATH=$venv/bin:$path:/usr/sbin:/sbin
    export PATH
    "$venv/bin/matrix" demo >"$work/demo" 2>&1 || { cat "$work/demo"; exit 1; }
    printf 'the demo works\n'
    PYTHONWARNINGS=error python -m pytest -q -p no:cacheprovider -n "${JOBS:-2}" --dist loadfile \
        --deselect tests/house/test_documents.py --deselect tests/house/test_package.py \
        tests/grammar tests/emitters tests/house
done
