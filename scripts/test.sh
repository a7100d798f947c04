#!/bin/sh
# Everything that `make test` proves, in the order of what fails fastest. `static` stops before pytest.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH:/usr/sbin:/sbin
export PATH PYTHONWARNINGS=error

step() { printf '\n== %s\n' "$1"; }

step 'formatting and lint (ruff, shellcheck)'
ruff format --check .
ruff check .
if command -v shellcheck >/dev/null; then
    shellcheck scripts/*.sh .ci/run
fi
step 'types (mypy --strict)'
PYTHONWARNINGS='' mypy
step 'layers (import-linter)'
PYTHONWARNINGS='' lint-imports
[ "${1:-}" != static ] || exit 0
# What is bound by the processor first; then what starts hosts, of which much is waiting. Both two at a time.
hosts='tests/fleet tests/distributor tests/live tests/soak'
others=$(find tests -mindepth 1 -maxdepth 1 -type d ! -name plugins | sort)
for folder in $hosts; do others=$(printf '%s\n' "$others" | grep -vx "$folder"); done
step 'tests (pytest)'
# shellcheck disable=SC2086  # lists of folders
python -m pytest -q -n 2 --dist loadfile $others
step 'tests on hosts (pytest)'
# shellcheck disable=SC2086
exec python -m pytest -q -n 2 --dist loadfile $hosts
