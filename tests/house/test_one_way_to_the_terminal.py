"""Whoever writes to a terminal in a way of its own stands in this list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
ROOMS = ("grammar", "emitters", "distributor", "dmetad", "console")

WAYS_ROUND = {
    r"\bstyled\(": {"grammar/matrix_grammar/safe_stream.py", "console/matrix_console/frame.py",
                    "console/matrix_console/commands/check.py", "console/matrix_console/commands/show.py",
                    "console/matrix_console/demo/narration.py", "console/matrix_console/hostwork/lines.py"},
    r"sys\.(stdout|stderr) = ": {"grammar/matrix_grammar/safe_stream.py", "grammar/matrix_grammar/program.py"},
    r"os\.write\(": {"dmetad/matrix_dmetad/access_log.py"},
    r"\bConsole\(": set(),
    r"\(Console\)": {"console/matrix_console/safe_console.py"},
    r"__stdout__|__stderr__|/dev/tty": set(),
    r"isprintable": {"distributor/matrix_distributor/watch/log.py", "distributor/matrix_distributor/enrollment.py",
                     "emitters/matrix_emitters/reflection/entry.py", "grammar/matrix_grammar/drafting/spelling.py"},
}  # fmt: skip
"""What goes round the stream, or shows text in a way of its own, and the files that have looked at every use of it.
Those of `isprintable` refuse or quote."""


@pytest.mark.parametrize("way", WAYS_ROUND)
def test_nobody_else_goes_round_it(way: str) -> None:
    files = [path for room in ROOMS for path in (HOUSE / room).rglob("*.py")]
    assert {str(path.relative_to(HOUSE)) for path in files if re.search(way, path.read_text())} == WAYS_ROUND[way]
