#!/bin/sh
# Make the lock files anew from pyproject.toml: run it when a dependency changes, and commit the result.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet pip-tools
lock() {
    CUSTOM_COMPILE_COMMAND=scripts/lock.sh "$work/venv/bin/pip-compile" --quiet --generate-hashes --strip-extras \
        --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --resolver=backtracking "$@"
}
# hatchling and editables build the project itself, without isolation and so from the lock as well.
printf 'hatchling\neditables\n' >"$work/build.in"
lock --output-file requirements.lock pyproject.toml "$work/build.in"
lock --output-file requirements-dev.lock --extra dev --constraint requirements.lock pyproject.toml "$work/build.in"
sed -i "s|$work/build.in|scripts/lock.sh|" requirements.lock requirements-dev.lock
