"""Hints that a text may have changed, from the folders in which the texts lie.

Folders are watched, not files: editors put a new file in the place of the old one. A hint says no more than that it is
worth reading again; what is missed here is found by the poll.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from watchdog.events import (
    EVENT_TYPE_MODIFIED,
    FileClosedEvent,
    FileClosedNoWriteEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileOpenedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from matrix_grammar.texts import real_path

from .writers import Writers

_READING = (FileOpenedEvent, FileClosedNoWriteEvent)


class Events(FileSystemEventHandler):
    """Calls `hint` from a thread of its own, whenever something happens in the folders of the texts.

    `trouble` is the reason why some folder cannot be watched, or empty; the caller then polls more often. `writers` is
    told who writes into the files of these folders.
    """

    def __init__(self, hint: Callable[[], None], ignore: Path) -> None:
        self._hint = hint
        self._ignore = str(ignore)
        self._observer: BaseObserver | None = None
        self._armed: dict[str, tuple[tuple[int, int], ObservedWatch]] = {}
        self._texts: frozenset[str] = frozenset()
        self._folders: frozenset[str] = frozenset()
        self._suspect: set[str] = set()  # folders that were moved, removed or made since they were armed
        self.trouble = ""
        self.writers = Writers()
        self._lost = _Lost(self._forget)
        logging.getLogger("watchdog").addHandler(self._lost)

    def watch(self, texts: Iterable[Path]) -> bool:
        """Watch the folders of these texts, and the folders above, in which those may be replaced.

        To be called again now and then: a folder that was made anew is found by its inode and watched again. Whether a
        folder was not watched until now: what changed in it since the texts were read gave no hint.
        """
        self._texts = frozenset(os.path.abspath(text) for text in texts)
        real = {real_path(text) for text in self._texts}
        self._folders = frozenset(os.path.dirname(text) for text in self._texts | real)
        wanted = {folder: _identity(folder) for folder in self._folders | {os.path.dirname(f) for f in self._folders}}
        self.trouble = ""
        suspect, self._suspect = self._suspect, set()
        joined = False
        try:
            self._start()
            for folder, (identity, watch) in list(self._armed.items()):
                if wanted.get(folder) != identity or folder in suspect:
                    del self._armed[folder]
                    self._disarm(watch)
            for folder, here in wanted.items():
                if here is not None and folder not in self._armed:
                    self._armed[folder] = (here, self._arm(folder))
                    joined = True
        except OSError as error:
            self.trouble = error.strerror or str(error)
        return joined

    def close(self) -> None:
        """Watch nothing any more, and end the thread."""
        logging.getLogger("watchdog").removeHandler(self._lost)
        if self._observer is not None and self._observer.is_alive():
            self._observer.stop()
            self._observer.join()
        self._observer = None
        self._armed.clear()

    def on_any_event(self, event: FileSystemEvent) -> None:
        """A hint, unless it only tells of reading, of the state, or of a neighbour of a watched folder."""
        if isinstance(event, _READING) or (event.is_directory and event.event_type == EVENT_TYPE_MODIFIED):
            return  # that a folder changed is told once more by what changed in it
        paths = [os.fsdecode(path) for path in (event.src_path, event.dest_path) if path]
        if any(self._matters(path) for path in paths):
            self._tell(event, paths)
            if event.is_directory:
                self._suspect.update(path for path in paths if path in self._folders)
            self._hint()

    def _tell(self, event: FileSystemEvent, paths: list[str]) -> None:
        """What an event says of those who write."""
        if isinstance(event, FileModifiedEvent):
            self.writers.wrote(paths[0])
        elif isinstance(event, FileClosedEvent):
            self.writers.closed(paths[0])
        elif isinstance(event, FileCreatedEvent | FileMovedEvent):
            self.writers.came(paths[-1], *paths[:-1])

    def _forget(self) -> None:
        self.writers.forget()
        self._hint()

    def _matters(self, path: str) -> bool:
        if path == self._ignore or path.startswith(self._ignore + os.sep):
            return False
        return os.path.dirname(path) in self._folders or path in self._folders

    def _start(self) -> None:
        if self._observer is not None and not self._observer.is_alive():
            self._observer = None
            self._armed.clear()
        if self._observer is None:
            observer = Observer()
            observer.start()
            self._observer = observer

    def _arm(self, folder: str) -> ObservedWatch:
        assert self._observer is not None
        return self._observer.schedule(self, folder, recursive=False)

    def _disarm(self, watch: ObservedWatch) -> None:
        assert self._observer is not None
        with suppress(KeyError, OSError):  # the kernel forgets a folder that is gone before watchdog does
            self._observer.unschedule(watch)


class _Lost(logging.Handler):
    """Watchdog warns where events were lost, as in a queue that overflowed: a hint like any other."""

    def __init__(self, hint: Callable[[], None]) -> None:
        super().__init__(logging.WARNING)
        self._hint = hint

    def emit(self, record: logging.LogRecord) -> None:
        self._hint()


def _identity(folder: str) -> tuple[int, int] | None:
    """Which folder it is that has this name now; None when there is none."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino
