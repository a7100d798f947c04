"""Numbered examples over two processes, for the programs of `make fuzz`: a chunk of numbers each time."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable


def asked_for() -> tuple[int, int]:
    """How many examples, and the number of the first: of the command line, else 100,000 that were never looked at."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    return count, int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time()) * 1000


def first_broken(part: Callable[[int], str | None], first: int, count: int, chunk: int) -> str | None:
    """What broke in the chunk that was found to break first. `part` takes the first number of a chunk."""
    with multiprocessing.Pool(min(2, os.cpu_count() or 1)) as pool:
        return next(filter(None, pool.imap_unordered(part, range(first, first + count, chunk))), None)
