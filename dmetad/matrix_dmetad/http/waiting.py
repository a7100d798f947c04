"""Requests that wait until what they asked for changes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol

from matrix_dmetad.answers.snapshot import Target

Held = tuple[Target, bytes]
"""What is waited for, and the ETag of the answer to it that those who wait have seen."""


class Waits(Protocol):
    """A connection whose request may wait."""

    def watch(self, future: asyncio.Future[bool]) -> None:
        """Settle this future when the client goes away."""

    def send_now(self, status: int, block: bytes, body: bytes) -> bool:
        """Send a whole answer with these lines of headers; False when that cannot be done at once."""


@dataclass(eq=False, slots=True)
class Waiter:
    """One request that waits. `answered`: its answer has been sent already when it is woken."""

    scope: MutableMapping[str, Any]
    headers: dict[bytes, bytes]
    connection: Waits | None
    started: float
    future: asyncio.Future[bool]
    answered: bool = False


class Waiters:
    """The waiting requests, gathered by what they wait for: a change is looked at once for each."""

    def __init__(self) -> None:
        self._groups: dict[Held, set[Waiter]] = {}
        self.count = 0
        self.closed = False

    @property
    def held(self) -> tuple[Held, ...]:
        """What is waited for."""
        return tuple(self._groups)

    async def wait(self, held: Held, waiter: Waiter, seconds: float) -> None:
        """Until the answer changes, the time has gone by, the client goes away, or the server stops."""
        if self.closed:
            return
        self._groups.setdefault(held, set()).add(waiter)
        if waiter.connection is not None:
            waiter.connection.watch(waiter.future)
        self.count += 1
        timer = asyncio.get_running_loop().call_later(seconds, settle, waiter.future, False)
        try:
            await waiter.future
        finally:
            timer.cancel()
            group = self._groups.get(held)
            if group is not None and waiter in group:
                self.count -= 1
                group.discard(waiter)
                if not group:
                    del self._groups[held]

    def take(self, held: Held) -> list[Waiter]:
        """Those who wait for this; they count no longer as waiting, and each must be settled."""
        group = self._groups.pop(held, set())
        self.count -= len(group)
        return list(group)

    def close(self) -> None:
        """Let everybody go, and nobody wait any more."""
        self.closed = True
        for waiter in list(self._everybody()):
            settle(waiter.future, False)

    def _everybody(self) -> Iterator[Waiter]:
        for group in self._groups.values():
            yield from group


def settle(future: asyncio.Future[bool], changed: bool) -> None:
    """End a wait, unless it has ended."""
    if not future.done():
        future.set_result(changed)
