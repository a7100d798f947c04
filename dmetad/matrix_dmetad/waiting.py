"""Requests that wait until what they asked for changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

from .snapshot import Target


class Waiters:
    """The waiting requests, gathered by what they asked: a change is looked at once for each target."""

    def __init__(self) -> None:
        self._by_target: dict[Target, set[asyncio.Future[bool]]] = {}
        self._held: dict[Target, bytes] = {}
        self.count = 0
        self.closed = False

    @property
    def held(self) -> dict[Target, bytes]:
        """What is waited for, with the ETag of the answer that those who wait hold already."""
        return dict(self._held)

    async def wait(
        self, target: Target, etag: bytes, seconds: float, watch: Callable[[asyncio.Future[bool]], None] | None = None
    ) -> bool:
        """Whether the answer to `target`, which had this ETag, changed within that time.

        Also ends, with False, when the server stops, or when somebody settles the future that `watch` is given.
        """
        if self.closed:
            return False
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self._by_target.setdefault(target, set()).add(future)
        self._held[target] = etag
        if watch is not None:
            watch(future)
        self.count += 1
        timer = loop.call_later(seconds, settle, future, False)
        try:
            return await future
        finally:
            timer.cancel()
            self.count -= 1
            waiting = self._by_target.get(target)
            if waiting is not None:
                waiting.discard(future)
                if not waiting:
                    self._forget(target)

    def wake(self, target: Target) -> int:
        """Let all that wait for a target go on; how many those were."""
        waiting = self._by_target.get(target, set())
        self._forget(target)
        for future in waiting:
            settle(future, True)
        return len(waiting)

    def _forget(self, target: Target) -> None:
        self._by_target.pop(target, None)
        self._held.pop(target, None)

    def close(self) -> None:
        """Let everybody go, and nobody wait any more."""
        self.closed = True
        for future in list(self._everybody()):
            settle(future, False)

    def _everybody(self) -> Iterator[asyncio.Future[bool]]:
        for waiting in self._by_target.values():
            yield from waiting


def settle(future: asyncio.Future[bool], changed: bool) -> None:
    """End a wait, unless it has ended."""
    if not future.done():
        future.set_result(changed)
