"""Record `matrix demo` as docs/demo.txt, and put its parts into the tour of README.md.

usage: python scripts/tour.py [--again]     (--again: fill README.md from the docs/demo.txt that is there)

A part of the tour is a fenced block behind a line `<!-- tour: FIRST … LAST -->`: the lines of the recording from the
first that contains FIRST to the next that contains LAST.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
README = REPOSITORY / "README.md"
RECORDING = REPOSITORY / "docs/demo.txt"
BLOCK = re.compile(r"(<!-- tour: (.+?) … (.+?) -->\n```\n)(.*?)(```\n)", re.DOTALL)


def part(recording: list[str], first: str, last: str) -> str:
    """The lines from FIRST to LAST. Raises ValueError when they are not there."""
    begin = next((index for index, line in enumerate(recording) if first in line), None)
    if begin is None:
        raise ValueError(f"{first!r} is not in the recording")
    end = next((index for index in range(begin, len(recording)) if last in recording[index]), None)
    if end is None:
        raise ValueError(f"{last!r} does not follow {first!r} in the recording")
    return "\n".join(recording[begin : end + 1]) + "\n"


def filled(text: str, recording: list[str]) -> str:
    """The README with every part of its tour as it was recorded."""
    return BLOCK.sub(lambda found: found[1] + part(recording, found[2], found[3]) + found[5], text)


def main() -> None:
    """Record, and fill."""
    if "--again" not in sys.argv[1:]:
        command = [sys.executable, "-m", "matrix_console", "demo"]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        RECORDING.write_text(told.stdout, encoding="utf-8")
    recording = RECORDING.read_text(encoding="utf-8").splitlines()
    README.write_text(filled(README.read_text(encoding="utf-8"), recording), encoding="utf-8")


if __name__ == "__main__":
    main()
