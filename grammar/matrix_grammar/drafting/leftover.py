"""What of a foreign text is not in the draft: as a value, so that nothing is lost silently."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Leftover:
    """Something that was not carried over, or not as it stood: its line (from 1), what is written there, and why."""

    line: int
    text: str
    reason: str
