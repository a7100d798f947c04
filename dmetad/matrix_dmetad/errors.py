"""What can go wrong: before the server runs, and in one request."""

from __future__ import annotations

from dataclasses import dataclass, field

from matrix_common.terminal import safe
from matrix_common.words import did_you_mean

LONGEST_ECHO = 80
"""Characters of a wrong name that an answer repeats."""


class DmetadError(Exception):
    """The server cannot start, or a generation cannot be loaded: what is wrong, where, and what to do."""


@dataclass
class Problem(Exception):
    """A request that cannot be answered (RFC 9457): status, a stable code, a sentence, and the nearest names."""

    status: int
    code: str
    detail: str
    nearest: tuple[str, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = field(default=())

    @property
    def sentence(self) -> str:
        """The detail with its cure."""
        return f"{self.detail}; {did_you_mean(self.nearest)}" if self.nearest else self.detail


def echo(word: str) -> str:
    """A word of the request as an answer may repeat it: no control characters, and not at any length."""
    return safe(word if len(word) <= LONGEST_ECHO else word[:LONGEST_ECHO] + "…")
