"""Records what a reading asked of the disk, and the answers: the same answers again mean the same reading again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
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
        included = self._disk.include(path)
        self.record.append(["include", [path], _identity(included)])
        return included

    def glob(self, pattern: str, base: str) -> Sequence[str]:
        """The files that match a pattern."""
        paths = self._disk.glob(pattern, base)
        self.record.append(["glob", [pattern, base], list(paths)])
        return paths

    def identity(self, path: str) -> str:
        """The path with every symbolic link followed."""
        real = self._disk.identity(path)
        self.record.append(["identity", [path], real])
        return real


def still_true(record: Record, matrix: str, allow: Sequence[str]) -> bool:
    """Whether the disk would answer every question as it did. Files are read anew; times and sizes prove nothing."""
    disk = DiskLibrary(matrix, allow)
    answers: dict[str, Callable[..., Any]] = {
        "allow": lambda: list(disk.allow),
        "read": lambda path: hashlib.sha256(disk.read(path)).hexdigest(),
        "include": lambda path: _identity(disk.include(path)),
        "glob": lambda pattern, base: list(disk.glob(pattern, base)),
        "identity": disk.identity,
    }
    try:
        return all(answers[method](*arguments) == answer for method, arguments, answer in record)
    except (Unreadable, TooMuch):
        return False


def _identity(included: Included) -> list[str]:
    """What tells an included file from every other: its content, how it stands, where it lies."""
    return [hashlib.sha256(included.content).hexdigest(), included.standing, included.real]


def program() -> str:
    """What tells this program from every other: its version, the state of each file that reads and answers, and the
    properties that packages bring along.
    """
    import matrix_common
    import matrix_grammar
    from matrix_grammar.model import property_table

    folders = (
        os.path.dirname(os.path.abspath(str(place)))
        for place in (matrix_common.__file__, matrix_grammar.__file__, __file__)
    )
    files = [(folder, sorted(_files(folder))) for folder in folders]
    return hashlib.sha256(repr((matrix_common.VERSION, files, property_table().fingerprint)).encode()).hexdigest()


def _files(folder: str) -> Iterator[tuple[str, int, int, int]]:
    """Every file below a folder: path, size, and when content and inode changed, in nanoseconds since 1970.

    The time of the inode is the system's own: no tool that unpacks files sets it back.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            else:
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns, status.st_ctime_ns
