"""Connecting a socket to the first of several addresses that answers, in the loop."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from contextlib import suppress

from .loop import READ, WRITE, Loop, Timer

Address = tuple[int, tuple[object, ...]]
"""An address family, and an address as `socket.connect` takes it."""


class Dial:
    """Tries one address after the other; each but the last has its share of `seconds` only.

    Calls `connected` with the socket, or `failed` with what the last address said, once; neither after `cancel`.
    """

    def __init__(
        self,
        loop: Loop,
        addresses: list[Address],
        seconds: float,
        connected: Callable[[socket.socket], None],
        failed: Callable[[OSError], None],
    ) -> None:
        self._loop = loop
        self._left = list(addresses)
        self._patience = seconds / len(addresses)
        self._connected, self._failed = connected, failed
        self._end: socket.socket | None = None
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Try the next address."""
        family, address = self._left.pop(0)
        try:
            self._end = end = _open(family, address)
        except OSError as error:
            self._next(error)
            return
        self._loop.watch(end, READ | WRITE, self._decided)
        if self._left:
            late = TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            self._timer = self._loop.after(self._patience, lambda: self._next(late))

    def cancel(self) -> None:
        """Let go."""
        if self._timer is not None:
            self._timer.cancel()
        if self._end is not None:
            self._loop.unwatch(self._end)
            self._end.close()
            self._end = None

    def _next(self, error: OSError) -> None:
        self.cancel()
        if self._left:
            self.begin()
        else:
            self._failed(error)

    def _decided(self, _events: int) -> None:
        end = self._end
        assert end is not None
        number = end.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._next(OSError(number, os.strerror(number)))
            return
        self._end = None
        self.cancel()
        self._connected(end)


def _open(family: int, address: tuple[object, ...]) -> socket.socket:
    """Begin to connect, without waiting. Raises OSError when it fails at once."""
    end = socket.socket(family, socket.SOCK_STREAM)
    try:
        end.setblocking(False)
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        with suppress(BlockingIOError):  # EINPROGRESS: the selector says when it is decided
            end.connect(address)
    except BaseException:
        end.close()
        raise
    return end
