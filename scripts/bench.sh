#!/bin/sh
# Run every benchmark, one after another: each prints its own figures, measured beside its peers in that run.
set -eu
cd "$(dirname "$0")/.."
PATH=$PWD/.venv/bin:$PATH
for program in benchmarks/*/run.py; do
    printf '\n== %s\n' "$(basename "$(dirname "$program")")"
    python "$program"
done
