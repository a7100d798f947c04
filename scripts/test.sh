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
step 'tests (pytest)'
exec python -m pytest -q tests
