"""What a host answers takes no more memory than its ceiling, in whatever form it comes, and is its own trouble."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bombs import GZIPS, OVER_SSH

from matrix_distributor.dialogue.shares import CEILING

FLEET = Path(__file__).parents[1] / "fleet"

OF_TARS = ("a file of a tar", "many files of a tar", "a sparse file", "a name of 1 GB", "a pax header of 1 GB")
EVERY = ("zeros", "a long line", "nested", "many members", "not packed")
OF_LINES = ("newlines", "many entries", "the same entry", "long entries")

CASES = [
    *(("files", name) for name in (*EVERY, *OF_TARS)),
    *(("tree", name) for name in (*EVERY, *OF_LINES)),
    *(("cargo", name) for name in ("zeros", "many entries")),
    *(("content", name) for name in ("zeros", "many members")),
    *(("ssh", name) for name in OVER_SSH),
]


@pytest.mark.parametrize(("reader", "name"), CASES)
def test_a_bomb_is_that_hosts_trouble_and_stays_below_the_ceiling(reader: str, name: str) -> None:
    assert name in GZIPS or name in OVER_SSH
    path = os.pathsep.join([str(FLEET), os.environ.get("PYTHONPATH", "")])
    child = subprocess.run(
        [sys.executable, FLEET / "bombs.py", reader, name],
        env={**os.environ, "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        check=True,
        timeout=100,
    )
    told = json.loads(child.stdout)
    assert bool(told["cause"]) is (name != "long entries"), "only a report that is within its bounds is none"
    assert told["bytes"] < CEILING
