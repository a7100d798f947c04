"""Names to addresses without holding up the loop."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable
from queue import SimpleQueue

from .dial import Address
from .loop import Loop

MOST_THREADS = 16

_Answer = Callable[[list[Address] | OSError], None]


class Resolver:
    """getaddrinfo(3) in a few threads; plain addresses are answered at once.

    The threads are daemons: a name server that does not answer must not keep the program from ending.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._questions: SimpleQueue[tuple[str, int, _Answer] | None] = SimpleQueue()
        self._threads = 0

    def resolve(self, host: str, port: int, answer: _Answer) -> None:
        """Call `answer`, in the loop, with at least one address, or with why there is none."""
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            if self._threads < MOST_THREADS:
                self._threads += 1
                threading.Thread(target=self._work, name="matrix-resolver", daemon=True).start()
            self._questions.put((host, port, answer))
        else:
            if "%" in host:  # a zone, whose interface has a number that belongs to the address
                answer(_look_up(host, port))
                return
            answer([(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))])

    def close(self) -> None:
        """Let the threads end once they have nothing to do."""
        for _ in range(self._threads):
            self._questions.put(None)

    def _work(self) -> None:
        while (question := self._questions.get()) is not None:
            host, port, answer = question
            found = _look_up(host, port)
            self._loop.post(lambda answer=answer, found=found: answer(found))  # type: ignore[misc]


def _look_up(host: str, port: int) -> list[Address] | OSError:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError as error:  # a name that cannot be one, as with an empty label
        return OSError(None, str(error))
    return [(family, address) for family, _, _, _, address in found]
