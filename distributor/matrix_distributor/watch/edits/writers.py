"""Who is writing a text just now, as far as the kernel tells: inotify(7), and a lease as a question.

Neither tells of writers on other machines, as on NFS.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from threading import Lock

from matrix_common.files import open_for_writing
from matrix_grammar.texts import real_path

ABANDONED = 60.0
"""Seconds without another write after which a file counts as closed, where no lease can tell: truncate(2) and a
memory map change a file, and nothing is closed for writing after them."""


class Writers:
    """What inotify has told of the files in the watched folders; its methods may be called from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._written: dict[str, float] = {}  # not closed since; when it was written last
        self._placed: set[str] = set()  # came under its name as it is, and was not written since

    def wrote(self, path: str) -> None:
        """Something was written into a file, or taken from its end."""
        with self._lock:
            self._written[path] = self._clock()
            self._placed.discard(path)

    def closed(self, path: str) -> None:
        """Somebody who could write into it has closed it."""
        with self._lock:
            self._written.pop(path, None)

    def came(self, path: str, old: str = "") -> None:
        """Another file has this name now; `old` is the name that it had in a watched folder."""
        with self._lock:
            self._written.pop(path, None)
            if old in self._written:
                self._written[path] = self._written.pop(old)
            self._placed.discard(old)
            self._placed.add(path)

    def forget(self) -> None:
        """Events were lost: nothing is known."""
        with self._lock:
            self._written.clear()
            self._placed.clear()

    def at(self, path: str) -> bool:
        """Whether somebody has this file open for writing, as far as can be known."""
        if (leased := open_for_writing(path)) is not None:
            return leased
        with self._lock:
            times = [self._written[name] for name in _names(path) if name in self._written]
        return any(self._clock() - written < ABANDONED for written in times)

    def placed(self, path: str) -> bool:
        """Whether this file came to its place whole, by rename(2) or link(2), and nobody wrote into it there."""
        with self._lock:
            return any(name in self._placed for name in _names(path))


def _names(path: str) -> set[str]:
    """The names under which events tell of a file: as it was asked for, and without links."""
    whole = os.path.abspath(path)
    return {whole, real_path(whole)}
