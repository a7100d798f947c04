"""Whoever writes to a terminal in a way of its own stands in this list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")

WAYS_ROUND = {
    r"\bstyled\(": {"common/matrix_common/terminal/safe_stream.py", "console/matrix_console/frame.py",
                    "console/matrix_console/commands/check.py", "console/matrix_console/commands/show.py",
                    "console/matrix_console/demo/narration.py", "console/matrix_console/fleetwork/lines.py"},
    r"sys\.(stdout|stderr) = ": {"common/matrix_common/terminal/safe_stream.py",
                                 "common/matrix_common/terminal/program.py"},
    r"os\.write\(": {"dmetad/matrix_dmetad/access_log.py"},
    r"\bConsole\(": set(),
    r"\(Console\)": {"console/matrix_console/safe_console.py"},
    r"__stdout__|__stderr__|/dev/tty": set(),
    r"isprintable": {"distributor/matrix_distributor/watch/reporting/log.py",
                     "distributor/matrix_distributor/enroll/enrollment.py",
                     "emitters/matrix_emitters/reflection/model/entry.py",
                     "sources/matrix_sources/outline/spelling.py"},
}  # fmt: skip
"""What goes round the stream, or shows text in a way of its own, and the files that have looked at every use of it.
Those of `isprintable` refuse or quote."""


@pytest.mark.parametrize("way", WAYS_ROUND)
def test_nobody_else_goes_round_it(way: str) -> None:
    files = [path for package in PACKAGES for path in (HOUSE / package).rglob("*.py")]
    assert {str(path.relative_to(HOUSE)) for path in files if re.search(way, path.read_text())} == WAYS_ROUND[way]
