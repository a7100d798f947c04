"""`matrix query '(a&b)!c'` beside ClusterShell's `nodeset` on the same groups: CPU time, medians, in turn in one run.

usage: python benchmarks/grammar_query/run.py [RUNS] [COUNT …]

Hosts carry 5 of 20 roles each, a line per host; nodeset has the roles as YAML groups, folded by itself. Every answer
is compared before anything is measured. *unchanged* asks again of a file that has not changed, *first* without cache.
"""

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from ClusterShell.NodeSet import NodeSet

ROLES = [f"role{number:02d}" for number in range(20)]
TOP = Path(__file__).resolve().parents[2]


def run(command: list[str], environment: dict[str, str]) -> tuple[float, str]:
    """User and system milliseconds of one run of a command, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.run(command, capture_output=True, check=True, env=environment, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), output


def write(folder: Path, count: int) -> None:
    """The same hosts as a MATRIX and as groups of ClusterShell."""
    chance = random.Random(count)
    members: dict[str, list[str]] = {role: [] for role in ROLES}
    lines = ["@matrix 1"]
    for number in range(count):
        roles = chance.sample(ROLES, 5)
        name = f"w{number:06d}"
        address = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        lines.append(f"{name}  {address}  {' '.join(f'[{role}]' for role in roles)}")
        for role in roles:
            members[role].append(name)
    (folder / "MATRIX").write_text("\n".join(lines) + "\n")
    (folder / "groups.d").mkdir()
    groups = "".join(f"  {role}: '{NodeSet.fromlist(names)}'\n" for role, names in members.items())
    (folder / "groups.d" / "roles.yaml").write_text(f"roles:\n{groups}")
    (folder / "groups.conf").write_text(f"[Main]\ndefault: roles\nautodir: {folder / 'groups.d'}\n")


def measure(count: int, runs: int) -> None:
    """Print the medians for one number of hosts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        packages = [
            str(TOP / package)
            for package in ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")
        ]
        environment |= {"CLUSTERSHELL_CFGDIR": name, "PYTHONPATH": ":".join(packages)}
        program = "from matrix_console.main import main; main()"
        query = [sys.executable, "-c", program, "query", "-f", str(folder / "MATRIX")]
        nodeset = [sys.executable, "-c", "from ClusterShell.CLI.Nodeset import main; main()", "-f"]
        ours, theirs = [*query, "(role00&role01)!role02"], [*nodeset, "@role00&@role01!@role02"]
        cached, uncached = environment | {"MATRIX_CACHE": str(folder / "cache")}, environment | {"MATRIX_CACHE": ""}
        answers = {run(ours, cached)[1], run(ours, cached)[1], run(ours, uncached)[1], run(theirs, environment)[1]}
        assert len(answers) == 1, "the answers differ"
        rows = [(run(ours, cached)[0], run(ours, uncached)[0], run(theirs, environment)[0]) for _ in range(runs)]
        again, first, peer = (statistics.median(column) for column in zip(*rows, strict=True))
        ratio = statistics.median(row[0] / row[2] for row in rows)
        print(
            f"{count:>7,} hosts: query unchanged {again:6.0f} ms   first {first:6.0f} ms   nodeset {peer:6.0f} ms   "
            f"unchanged/nodeset {ratio:.2f} (promised: at most 1, aim 0.5)"
        )


if __name__ == "__main__":
    for size in [int(count) for count in sys.argv[2:]] or [1_000, 10_000, 100_000]:
        measure(size, int(sys.argv[1]) if len(sys.argv) > 1 else (3 if size == 100_000 else 7))
