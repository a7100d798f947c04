"""Requests that came before, byte for byte, with what was sent: most callers send the same bytes again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_REQUESTS: Final = 1_024
LONGEST_REQUEST: Final = 1_024
"""Bytes of a request that is remembered."""

LARGEST_BODY: Final = 65_536
"""Bytes of a body that is sent in one piece."""

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer as it goes over the wire: the status line, the headers but the date with the empty line, the body."""

    status: int
    form: str
    start: bytes
    headers: bytes
    body: bytes


class Memory:
    """The answers of one snapshot by the bytes of the whole request.

    An answer is kept here only when nothing but those bytes decides it: no caller's address, no clock, no waiting. It
    goes with its snapshot, so that no answer outlives what it was made from.
    """

    def __init__(self) -> None:
        self._answers: dict[bytes, Remembered] = {}
        self.get = self._answers.get

    def __len__(self) -> int:
        return len(self._answers)

    def add(self, request: bytes, answer: Remembered) -> None:
        """Remember an answer; when there are too many, all are forgotten and the busy ones come back at once."""
        if len(request) > LONGEST_REQUEST or len(answer.body) > LARGEST_BODY:
            return
        if len(self._answers) >= MOST_REQUESTS:
            self._answers.clear()
        self._answers[request] = answer
