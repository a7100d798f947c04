"""What of a foreign text is not in the draft as it stood: as a value, so that nothing is lost silently."""

from __future__ import annotations

from typing import NamedTuple


class Leftover(NamedTuple):
    """Something that was not carried over, or was `changed` on the way: its line (from 1), what stands there, and why.

    `line` is 0 for what is true of the whole text.
    """

    line: int
    text: str
    reason: str
    changed: bool = False


class DraftError(ValueError):
    """A foreign text of which nothing can be drafted; the message says why."""
