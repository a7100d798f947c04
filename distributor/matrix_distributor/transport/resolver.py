"""Names to addresses without holding up the loop."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from .loop import Loop

Address = tuple[int, tuple[object, ...]]
"""An address family, and an address as `socket.connect` takes it."""


class Resolver:
    """getaddrinfo(3) in a few threads; plain addresses are answered at once."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._threads: ThreadPoolExecutor | None = None

    def resolve(self, host: str, port: int, answer: Callable[[list[Address] | OSError], None]) -> None:
        """Call `answer`, in the loop, with at least one address, or with why there is none."""
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            self._ask(host, port, answer)
            return
        answer([(socket.AF_INET, (host, port)) if version == 4 else (socket.AF_INET6, (host, port))])

    def close(self) -> None:
        """Wait for no answer any more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)

    def _ask(self, host: str, port: int, answer: Callable[[list[Address] | OSError], None]) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(16, "resolver")

        def done(future: Future[list[Address]]) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if error is None:
                found = future.result()
                self._loop.post(lambda: answer(found))
            elif isinstance(error, OSError):
                trouble = error
                self._loop.post(lambda: answer(trouble))
            else:  # a name that cannot be one, as with an empty label
                reason = OSError(None, str(error))
                self._loop.post(lambda: answer(reason))

        self._threads.submit(_look_up, host, port).add_done_callback(done)


def _look_up(host: str, port: int) -> list[Address]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]
