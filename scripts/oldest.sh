#!/bin/sh
# Prove the lower bounds of pyproject.toml: the fast tests with exactly the oldest version of everything that it allows.
# Minutes, and it asks the package index: run it when a bound changes, and before a release. PYTHON=… names an interpreter.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
python=${PYTHON:-python3}
"$python" - >"$work/bounds" <<'PY'
import re
import tomllib

with open("pyproject.toml", "rb") as file:
    for wanted in tomllib.load(file)["project"]["dependencies"]:
        name, bound = re.match(r"([A-Za-z0-9_.-]+)\s*>=([^,\s]+)", wanted).groups()
        print(f"{name}=={bound}.*" if bound.count(".") < 2 else f"{name}=={bound}")
PY
cat "$work/bounds"
"$python" -m venv "$work/venv"
PIP_DISABLE_PIP_VERSION_CHECK=1
export PIP_DISABLE_PIP_VERSION_CHECK
# Of the tools for tests only those that these tests need: others want newer libraries than the product does.
"$work/venv/bin/pip" install --progress-bar off --constraint "$work/bounds" --editable . \
    pytest pytest-xdist hypothesis jsonschema-rs ClusterShell import-linter mypy >"$work/pip" 2>&1 || { cat "$work/pip"; exit 1; }
PATH=$work/venv/bin:$PATH:/usr/sbin:/sbin
export PATH
python -m pytest -q -p no:cacheprovider -n "${JOBS:-2}" --dist loadfile --deselect tests/house/test_documents.py \
    --deselect tests/house/test_package.py tests/grammar tests/emitters tests/house
