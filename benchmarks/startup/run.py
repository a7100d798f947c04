"""What a short command costs: CPU time, medians, all in turn in one run.

usage: python benchmarks/startup/run.py [RUNS]

`matrix --help` beside `python -c "import click"`; `matrix check` of the example (13 hosts), as it is and with a mistake
in it, beside a Python that does nothing. No cache of a former run but Python's own of compiled modules.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]


def cpu_ms(command: list[str]) -> float:
    """User and system milliseconds of one run of a command."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in (0, 1), command
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def compare(what: str, ours: list[str], name: str, peer: list[str], promised: str, runs: int) -> None:
    """Print the medians of two commands and of their ratio."""
    for command in (ours, peer):
        cpu_ms(command)
    pairs = [(cpu_ms(ours), cpu_ms(peer)) for _ in range(runs)]
    mine, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"{what:32} {mine:6.1f} ms   {name:14} {theirs:5.1f} ms   ratio {ratio:5.2f} ({promised})")


def main() -> None:
    """Print a line a command, with what is promised of it."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    matrix, python = str(Path(sys.executable).with_name("matrix")), [sys.executable, "-c", "pass"]
    click = [sys.executable, "-c", "import click"]
    compare("matrix --help", [matrix, "--help"], "import click", click, "at most 2", runs)
    with tempfile.TemporaryDirectory() as name:
        example = Path(name, "MATRIX")
        shutil.copytree(TOP / "examples", name, dirs_exist_ok=True)
        check = [matrix, "check", str(example)]
        promised = "at most 8.3: 100 ms where an empty Python takes 12"
        compare("matrix check, 13 hosts", check, "empty Python", python, promised, runs)
        with example.open("a") as file:
            file.write("w106  10.6.1.106  [cache  weight=5\n")
        compare("matrix check, with a mistake", check, "empty Python", python, promised, runs)


if __name__ == "__main__":
    main()
