"""What a host said, as it may stand in a message to a person."""

from __future__ import annotations

from matrix_common.terminal import safe

LONGEST = 200
"""Characters of what a host said itself."""

LONGEST_CAUSE = 2000
"""Characters of a whole cause, in which several things may stand that a host said."""


def harmless(text: str, longest: int = LONGEST) -> str:
    """What a host wrote, made harmless for a terminal and short."""
    return safe(text[:longest].strip())[:longest]
