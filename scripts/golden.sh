#!/bin/sh
# Make anew what is held equal to what the program makes: golden cases, outputs shown in documents, reference pages.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
python scripts/properties.py
ruff format -q grammar/matrix_grammar/model/built_in_properties.py
# The tests that know the switch --regenerate name it.
# shellcheck disable=SC2046  # a list of paths
python -m pytest -q --regenerate $(grep -rl --include='test_*.py' regenerate tests)
python scripts/reference.py
python scripts/editors.py
python scripts/readmes.py
git --no-pager diff --stat
