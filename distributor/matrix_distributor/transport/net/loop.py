"""One thread's worth of waiting: sockets, timers, and calls from other threads."""

from __future__ import annotations

import heapq
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import IO

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class Timer:
    """A call in the future that can be called off."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget it; harmless after it has run."""
        self.action = None


class Loop:
    """Calls back, in the thread that runs it, when a socket is ready or a time has come.

    Sockets are served before timers, so that a machine that was busy does not take its own lateness for a host's.
    Only `post` may be called from other threads.
    """

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = count()
        self._posted: deque[Callable[[], None]] = deque()
        self._alarm, self._bell = socket.socketpair()
        for end in (self._alarm, self._bell):
            end.setblocking(False)
        self.watch(self._alarm, READ, self._silence)
        self._running = True

    def post(self, action: Callable[[], None]) -> None:
        """Have the loop call `action` soon. From any thread."""
        self._posted.append(action)
        with suppress(OSError):  # it is ringing already, or the loop has ended
            self._bell.send(b"!")

    def soon(self, action: Callable[[], None]) -> None:
        """Call `action` in the next step, with nothing else on the stack. In the loop's thread."""
        self._posted.append(action)

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call `action` once, `seconds` from now, unless cancelled."""
        timer = Timer(action)
        heapq.heappush(self._timers, (time.monotonic() + seconds, next(self._order), timer))
        return timer

    def watch(self, end: socket.socket | IO[bytes], events: int, action: Callable[[int], None]) -> None:
        """Call `action` with the events that are ready, again and again; a second call replaces the first."""
        try:
            self._selector.modify(end, events, action)
        except KeyError:
            self._selector.register(end, events, action)

    def unwatch(self, end: socket.socket | IO[bytes]) -> None:
        """Look at it no more; harmless when it was not watched."""
        with suppress(KeyError, ValueError):
            self._selector.unregister(end)

    def run(self) -> None:
        """Serve until `stop` is called, from within."""
        try:
            while self._running:
                self._step()
        finally:
            self._selector.close()
            self._alarm.close()
            self._bell.close()

    def stop(self) -> None:
        """Leave `run` after this step."""
        self._running = False

    def _step(self) -> None:
        for key, events in self._selector.select(self._patience()):
            key.data(events)
        for _ in range(len(self._posted)):
            self._posted.popleft()()
        now = time.monotonic()
        while self._timers and (self._timers[0][0] <= now or self._timers[0][2].action is None):
            action = heapq.heappop(self._timers)[2].action
            if action is not None:
                action()

    def _patience(self) -> float | None:
        if self._posted:
            return 0
        if not self._timers:
            return None
        return max(0.0, self._timers[0][0] - time.monotonic())

    def _silence(self, _events: int) -> None:
        with suppress(BlockingIOError):
            while self._alarm.recv(4096):
                pass
