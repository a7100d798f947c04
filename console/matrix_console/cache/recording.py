"""What a reading asked of the disk, and what it was told: the same answers again mean the same reading again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from typing import Any

from matrix_grammar.texts import DiskLibrary, Included, Library, TooMuch, Unreadable

Record = list[list[Any]]
"""Questions in their order: the method, its arguments, and its answer (of a file's content the sha256)."""


class Recorder(Library):
    """The library of the file system, which writes down every question with its answer."""

    def __init__(self, matrix: str, allow: Sequence[str]) -> None:
        self._disk = DiskLibrary(matrix, allow)
        self.record: Record = [["allow", [], list(allow)]]

    @property
    def allow(self) -> Sequence[str]:
        """What may be included beside the texts below the folder of the MATRIX."""
        return self._disk.allow

    def read(self, path: str) -> bytes:
        """The bytes of a file. Raises Unreadable."""
        content = self._disk.read(path)
        self.record.append(["read", [path], hashlib.sha256(content).hexdigest()])
        return content

    def include(self, path: str) -> Included:
        """The bytes of a file that is included, and how it stands. Raises Unreadable, Refused."""
        found = self._disk.include(path)
        self.record.append(["include", [path], _told(found)])
        return found

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The files that match a pattern."""
        found = self._disk.glob(pattern, base)
        self.record.append(["glob", [pattern, base], list(found)])
        return found

    def identity(self, path: str) -> str:
        """The path with every symbolic link followed."""
        found = self._disk.identity(path)
        self.record.append(["identity", [path], found])
        return found


def still_true(record: Record, matrix: str, allow: Sequence[str]) -> bool:
    """Whether the disk would answer every question as it did. Files are read anew; times and sizes prove nothing."""
    disk = DiskLibrary(matrix, allow)
    answers: dict[str, Callable[..., Any]] = {
        "allow": lambda: list(disk.allow),
        "read": lambda path: hashlib.sha256(disk.read(path)).hexdigest(),
        "include": lambda path: _told(disk.include(path)),
        "glob": lambda pattern, base: list(disk.glob(pattern, base)),
        "identity": disk.identity,
    }
    try:
        return all(answers[method](*arguments) == answer for method, arguments, answer in record)
    except (Unreadable, TooMuch):
        return False


def _told(found: Included) -> list[str]:
    """What tells an included file from every other: its content, how it stands, where it lies."""
    return [hashlib.sha256(found.content).hexdigest(), found.standing, found.real]


def program() -> str:
    """What tells this version of the language from every other: the files that it is made of, and the properties that
    packages bring along.
    """
    import matrix_grammar
    from matrix_grammar.model import property_table

    folder = os.path.dirname(os.path.abspath(matrix_grammar.__file__))
    with os.scandir(folder) as entries:
        found = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
    files = sorted((name, status.st_size, status.st_mtime_ns) for name, status in found)
    return hashlib.sha256(repr((folder, files, property_table().fingerprint)).encode()).hexdigest()
