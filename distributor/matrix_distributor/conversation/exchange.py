"""Dialogues with many hosts at once, and what they tell on the way, as one stream of events in the caller's thread."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

from matrix_distributor.dialogue.dialogue import CROWDED, Dialogue, Failure, Stream, Target
from matrix_distributor.transport.pool import Pool

from .local import Here

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
class Begun:
    """A host is logged in, and its dialogue begins."""

    host: str


@dataclass(frozen=True, slots=True)
class Ended(Generic[T]):
    """A dialogue is over."""

    host: str
    value: T | Failure
    seconds: float


class Exchange:
    """Holds dialogues in threads of its own; `events` gives what happens, in the thread that asks."""

    def __init__(self) -> None:
        self._events: SimpleQueue[Any] = SimpleQueue()
        self._waiting: Counter[str] = Counter()
        self._total = 0
        self._lock = threading.Lock()

    def output(self, host: str, stream: Stream, chunk: bytes) -> object:
        """For a Command's `on_output`: a caller that is slower than its hosts slows down those that write most."""
        crowded = self._count(host, len(chunk) + _EVENT)
        self._events.put(Output(host, stream, chunk))
        return CROWDED if crowded else None

    def _count(self, host: str, size: int) -> bool:
        """Note that so many bytes more wait, or fewer; whether this host is to wait."""
        with self._lock:
            self._waiting[host] += size
            self._total += size
            return self._total > BACKLOG and self._waiting[host] > SHARE

    def events(
        self, pool: Pool, here: Here, pairs: Sequence[tuple[Target, Dialogue[T]]], local: str | None
    ) -> Iterator[Output | Begun | Ended[T]]:
        """Hold the dialogues: that of the host `local` on this machine. Every host ends exactly once."""
        remote = [(target, self._watched(target.name, dialogue)) for target, dialogue in pairs if target.name != local]
        own = [(target, self._watched(target.name, dialogue)) for target, dialogue in pairs if target.name == local]
        threads = 0
        started = time.monotonic()

        def over_ssh() -> None:
            for target, value in pool.converse(remote):
                self._events.put(Ended(target.name, value, time.monotonic() - started))

        def on_this_machine() -> None:
            for target, dialogue in own:
                self._events.put(Ended(target.name, here.converse(target.name, dialogue), time.monotonic() - started))

        for work, wanted in ((over_ssh, remote), (on_this_machine, own)):
            if wanted:
                threads += 1
                threading.Thread(target=self._carry_out, args=(work,), daemon=True, name="matrix-exchange").start()
        while threads:
            event = self._events.get()
            if event is None:
                threads -= 1
            elif isinstance(event, BaseException):
                raise event
            else:
                if isinstance(event, Output):
                    self._count(event.host, -len(event.chunk) - _EVENT)
                yield event

    def _carry_out(self, work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 – raised again in the thread that reads the events
            self._events.put(error)
        else:
            self._events.put(None)

    def _watched(self, host: str, dialogue: Dialogue[T]) -> Dialogue[T]:
        self._events.put(Begun(host))
        return (yield from dialogue)
