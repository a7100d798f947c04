"""What dialogues with many hosts tell, on the way and at their end, as events; how much of it may wait."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from matrix_distributor.dialogue.commands import CROWDED, Stream
from matrix_distributor.dialogue.dialogue import Failure, Target

T = TypeVar("T")

BACKLOG = 32 * 1024 * 1024
"""Bytes of output that may wait for the caller; beyond it hosts are slowed down to the caller's pace."""

SHARE = 512 * 1024
"""Bytes of it that each host may have then: who wrote less is not slowed down."""

_EVENT = 256
"""Bytes that an event takes besides its chunk, about."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a host wrote, as it came."""

    host: str
    stream: Stream
    chunk: bytes


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """A dialogue is over. `begun`: the host was logged in to. `seconds` since all of them began, wall."""

    target: Target
    value: T | Failure
    seconds: float
    begun: bool


class Exchange:
    """What waits for the caller: outcomes, and what hosts wrote, put here by the threads that hold the dialogues."""

    def __init__(self) -> None:
        self.queue: SimpleQueue[Output | tuple[Target, Any]] = SimpleQueue()
        self._waiting: Counter[str] = Counter()
        self._total = 0
        self._lock = threading.Lock()

    def output(self, host: str, stream: Stream, chunk: bytes) -> object:
        """For a Command's `on_output`: a caller that is slower than its hosts slows down those that write most."""
        crowded = self._count(host, len(chunk) + _EVENT)
        self.queue.put(Output(host, stream, chunk))
        return CROWDED if crowded else None

    def taken(self, output: Output) -> None:
        """The caller has this one, so it waits no more."""
        self._count(output.host, -len(output.chunk) - _EVENT)

    def _count(self, host: str, size: int) -> bool:
        """Note that so many bytes more wait, or fewer; whether this host is to wait."""
        with self._lock:
            self._waiting[host] += size
            self._total += size
            return self._total > BACKLOG and self._waiting[host] > SHARE
