"""The parts of the machine that a benchmark needs, its peers above all: installed by its own set-up, or named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]


def need(*commands: str) -> None:
    """Have these commands of `parts.txt` on this machine: by apt as root, else the benchmark ends with what to type."""
    parts = [str(TOP / "scripts/parts.sh"), "benchmarks/parts.txt", *commands]
    if subprocess.run(parts, check=False).returncode:
        sys.exit(1)
