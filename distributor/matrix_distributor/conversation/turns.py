"""Reckoning in a dialogue, which shares one thread with the dialogues of all other hosts."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TypeVar

from matrix_distributor.dialogue.commands import TURN
from matrix_distributor.dialogue.dialogue import Dialogue

T = TypeVar("T")

SPAN = 0.005
"""Seconds that one host may reckon before it is the others' turn."""


def by_turns(steps: Iterable[T]) -> Dialogue[list[T]]:
    """What short steps give, others having their turn in between. What a step raises is raised."""
    results: list[T] = []
    until = time.monotonic() + SPAN
    for result in steps:
        results.append(result)
        if time.monotonic() > until:
            yield TURN
            until = time.monotonic() + SPAN
    return results
