"""The files that the patterns of a text match, found by a walk that has an end whatever the pattern says.

What matches is what Python's `glob` with `recursive` finds: `*`, `?` and `[…]` match within a name, and no name that
begins with a dot unless the pattern does; `**` is any number of folders.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Final

from .source import TooMuch

MOST_FOLDERS: Final = 10_000
"""Folders that are listed for all patterns of one reading."""

MOST_ENTRIES: Final = 1_000_000
"""Names that are looked at for all patterns of one reading."""

DEEPEST: Final = 64
"""Folders within one another that a `**` goes down."""

MOST_SECONDS: Final = 10.0
"""Time for all patterns of one reading, for disks that answer slowly."""

_MAGIC: Final = re.compile(r"[*?[]")
_Folder = tuple[int, int]


class Walk:
    """Finds files for one reading. `refuse` says why a `**` may not go down a folder; empty: it may."""

    def __init__(self, refuse: Callable[[str], str]) -> None:
        self._refuse = refuse
        self._folders = MOST_FOLDERS
        self._entries = MOST_ENTRIES
        self._spent = 0.0

    def find(self, pattern: str, folder: str) -> list[str]:
        """The paths that match a pattern relative to a folder, in their normal form, sorted. Raises TooMuch."""
        begun = time.monotonic()
        if "\0" in pattern:
            return []
        parts = [part for part in pattern.split("/") if part not in ("", ".")]
        start = "/" if pattern.startswith("/") else folder
        try:
            paths = {os.path.normpath(path) for path in self._matching(start, parts, 0, begun)}
        finally:
            self._spent += time.monotonic() - begun
        if set(parts) == {"**"} and not pattern.startswith("/"):
            paths.discard(os.path.normpath(folder))
        return sorted(paths)

    def _matching(self, at: str, parts: list[str], number: int, begun: float) -> Iterator[str]:
        """What matches the parts from `number` on, below the path `at`."""
        while number < len(parts) and not _MAGIC.search(parts[number]):
            at = os.path.join(at, parts[number])
            number += 1
        if number == len(parts):
            if os.path.lexists(at):
                yield at
            return
        part, last = parts[number], number == len(parts) - 1
        if part == "**":
            for folder in self._down(at, frozenset(), begun):
                yield from self._matching(folder, parts, number + 1, begun) if not last else self._all(folder, begun)
            return
        for name, is_folder in self._listed(at, begun):
            if fnmatchcase(name, part) and (part.startswith(".") or not name.startswith(".")):
                path = os.path.join(at, name)
                if last:
                    yield path
                elif is_folder:
                    yield from self._matching(path, parts, number + 1, begun)

    def _all(self, folder: str, begun: float) -> Iterator[str]:
        """A folder, and what is in it; of folders in it their own turn tells."""
        if folder:
            yield folder
        for name, is_folder in self._listed(folder, begun):
            if not is_folder and not name.startswith("."):
                yield os.path.join(folder, name)

    def _down(self, folder: str, above: frozenset[_Folder], begun: float) -> Iterator[str]:
        """A folder and all below it; a link to one of those above it is not followed."""
        try:
            status = os.stat(folder or ".")
        except OSError:
            return
        here = (status.st_dev, status.st_ino)
        if here in above:
            return
        refused = self._refuse(folder or ".")
        if refused:
            raise TooMuch(refused)
        if len(above) >= DEEPEST:
            raise TooMuch(f"a ** goes down {DEEPEST} folders at most")
        yield folder
        for name, is_folder in self._listed(folder, begun):
            if is_folder and not name.startswith("."):
                yield from self._down(os.path.join(folder, name), above | {here}, begun)

    def _listed(self, folder: str, begun: float) -> list[tuple[str, bool]]:
        """The names in a folder, and which are folders themselves, links followed; nothing where it cannot be read."""
        self._folders -= 1
        if self._folders < 0:
            raise TooMuch(f"the patterns of a text look into {MOST_FOLDERS:,} folders at most")
        if self._spent + time.monotonic() - begun > MOST_SECONDS:
            raise TooMuch(f"the patterns of a text take {MOST_SECONDS:g} s at most")
        names = []
        try:
            with os.scandir(folder or ".") as entries:
                for entry in entries:
                    self._entries -= 1
                    if self._entries < 0:
                        raise TooMuch(f"the patterns of a text look at {MOST_ENTRIES:,} files at most")
                    names.append((entry.name, _is_folder(entry)))
        except OSError:
            return []
        return names


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
