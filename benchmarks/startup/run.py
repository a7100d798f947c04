"""`matrix --help` beside `python -c "import click"`: CPU time, medians, the two in turn in one run.

usage: python benchmarks/startup/run.py [RUNS]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path


def cpu_ms(command: list[str]) -> float:
    """User and system milliseconds of one run of a command."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print both medians and their ratio; the promise is a ratio of at most 2."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 21
    matrix = [str(Path(sys.executable).with_name("matrix")), "--help"]
    click = [sys.executable, "-c", "import click"]
    for command in (matrix, click):
        cpu_ms(command)
    pairs = [(cpu_ms(matrix), cpu_ms(click)) for _ in range(runs)]
    ours, peer = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"matrix --help {ours:.1f} ms   import click {peer:.1f} ms   ratio {ratio:.2f} (promised: at most 2)")


if __name__ == "__main__":
    main()
